import type { Button } from "@slack/types";
import { RequestId, StepSuspended } from "@sluice/events";
import { actions, button, code, paragraphs, section } from "@sluice/slack";
import { peopleIn, type RequesterOf } from "@sluice/words";
import { dataOf, type Fact } from "@sluice/words/facts";
import { pictureOf } from "../core/picture.ts";
import { type Accepted, isAccepted } from "../core/record.ts";
import { buttonValue } from "./button-values.ts";
import { type AtDoor, maySeeRequest, personAtDoor, requestToSee, UNKNOWN_PERSON } from "./people.ts";
import { type Caller, type DoorAnswer, type DoorPorts, privately } from "./ports.ts";
import { statusLine, statusText } from "./status.ts";

/** How many of a person's requests are listed. */
const LISTED = 8;

/** Tells privately how a request stands and all that happened to it, by its id or the name of what it is about; without one, how the person's latest ones stand. */
export async function showStatus(ports: DoorPorts, caller: Caller, id: string | undefined): Promise<DoorAnswer> {
  return id === undefined ? privately(await ownStatus(ports, caller)) : oneStatus(ports, caller, id);
}

async function oneStatus(ports: DoorPorts, caller: Caller, idOrName: string): Promise<DoorAnswer> {
  const here = await personAtDoor(ports, caller);
  if (!here) return privately(UNKNOWN_PERSON);
  const request = RequestId.safeParse(idOrName).data ?? (await newestCalled(ports, here, idOrName));
  if (!request)
    return privately(
      `No request of yours and nothing that stands is called ${code(idOrName, 60)}. *status* alone lists your latest requests, *list* what stands.`,
    );
  const seen = await requestToSee(ports, caller, request);
  if (typeof seen === "string") return privately(seen);
  const facts = await ports.requests.facts(seen.request);
  const reader = { people: peopleIn(here.directory), logUrl: ports.logUrl };
  const text = statusText(seen, facts, reader, await requestersAhead(ports, facts));
  const results = resultButtons(seen, facts);
  if (results.length === 0) return privately(text);
  return privately(text, [
    ...paragraphs(text.split("\n")).map((lines) => section(lines)),
    actions("results", ...results),
  ]);
}

/** How many of a person's requests are looked through for a name. */
const SEARCHED = 30;

/** The newest request about this name that a person may see: of their own, and of those that changed last what stands. */
async function newestCalled(
  { requests, environments }: DoorPorts,
  { person, directory }: AtDoor,
  name: string,
): Promise<RequestId | undefined> {
  const own = await requests.own(person.id, SEARCHED);
  const there = await Promise.all(Object.keys(environments).map((each) => requests.inventory(each)));
  const ids = new Set([
    ...own.map(({ request }) => request),
    ...there.flat().flatMap((entry) => (isCalled(entry, name) ? [entry.request] : [])),
  ]);
  const records = await Promise.all([...ids].map((request) => requests.request(request)));
  return records
    .filter((record) => record !== undefined)
    .filter(isAccepted)
    .filter((record) => isCalled(record.itinerary, name) && maySeeRequest(directory, person, record))
    .toSorted((one, other) => other.askedAt - one.askedAt)
    .at(0)?.request;
}

/** By the last word of its subject, as people call it, or by its workspace. */
function isCalled({ subject, workspace }: Readonly<{ subject: string; workspace: string }>, name: string): boolean {
  return workspace === name || subject.split(" ").at(-1) === name;
}

/** Who asked for the requests that hold what this one waits for. */
async function requestersAhead({ requests }: DoorPorts, facts: readonly Fact[]): Promise<RequesterOf> {
  const holders = new Set(facts.flatMap((fact) => dataOf(StepSuspended, fact)?.holder ?? []));
  const records = await Promise.all([...holders].map((holder) => requests.request(holder)));
  return (request) => records.find((record) => record?.request === request)?.itinerary?.requester;
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
