import type { Button } from "@slack/types";
import { RequestId } from "@sluice/events";
import { actions, button, paragraphs, section } from "@sluice/slack";
import type { Fact } from "@sluice/words/facts";
import { pictureOf } from "../core/picture.ts";
import { type Accepted, isAccepted } from "../core/record.ts";
import { buttonValue } from "./button-values.ts";
import { peopleIn } from "./names.ts";
import { personAtDoor, requestToSee, UNKNOWN_PERSON } from "./people.ts";
import { type Caller, type DoorAnswer, type DoorPorts, privately } from "./ports.ts";
import { statusLine, statusText } from "./status.ts";

/** How many of a person's requests are listed. */
const LISTED = 8;

/** Tells privately how a request stands and all that happened to it; without an id, how the person's latest ones stand. */
export async function showStatus(ports: DoorPorts, caller: Caller, id: string | undefined): Promise<DoorAnswer> {
  return id === undefined ? privately(await ownStatus(ports, caller)) : oneStatus(ports, caller, id);
}

async function oneStatus(ports: DoorPorts, caller: Caller, id: string): Promise<DoorAnswer> {
  const request = RequestId.safeParse(id);
  if (!request.success)
    return privately("A request's id looks like req_ and letters and digits; it is the last line of its message.");
  const seen = await requestToSee(ports, caller, request.data);
  if (typeof seen === "string") return privately(seen);
  const facts = await ports.requests.facts(seen.request);
  const text = statusText(seen, facts, { people: peopleIn(await ports.directory()), logUrl: ports.logUrl });
  const results = resultButtons(seen, facts);
  if (results.length === 0) return privately(text);
  return privately(text, [
    ...paragraphs(text.split("\n")).map((lines) => section(lines)),
    actions("results", ...results),
  ]);
}

/**
 * The newest plan and evidence, to open. Buttons and no links: whoever has a link has the plan, a button asks again at each press who may see it, and dies with
 * the private answer that it stands in. A log is linked in the timeline: CodeBuild's page asks who may read it.
 */
function resultButtons(record: Accepted, facts: readonly Fact[]): Button[] {
  const ended = new Map(pictureOf(record, facts).steps.map((step) => [step.facts.ended?.type, step]));
  return [
    ["plan.completed.v1", "See plan", "see_plan"] as const,
    ["scan.completed.v1", "See evidence", "see_evidence"] as const,
  ].flatMap(([type, verb, actionId]) => {
    const step = ended.get(type);
    if (!step) return [];
    return [
      button(verb, {
        actionId,
        value: buttonValue({ request: record.request, step: step.name, attempt: step.attempt }),
      }),
    ];
  });
}

async function ownStatus(ports: DoorPorts, caller: Caller): Promise<string> {
  const known = await personAtDoor(ports, caller);
  if (!known) return UNKNOWN_PERSON;
  const own = await ports.requests.own(known.person.id, LISTED);
  const lines = await Promise.all(own.map(({ request }) => lineOf(ports, request)));
  const shown = lines.filter((line) => line !== undefined);
  return shown.length > 0 ? ["*Your latest requests*", ...shown].join("\n") : "You have not asked for anything yet.";
}

async function lineOf({ requests }: DoorPorts, request: Accepted["request"]): Promise<string | undefined> {
  const [record, facts] = await Promise.all([requests.request(request), requests.facts(request)]);
  return record && isAccepted(record) ? statusLine(record, facts) : undefined;
}
