import { maySee } from "@sluice/directory";
import { code, cut, dayAndTime, escapeMrkdwn } from "@sluice/slack";
import type { Entry } from "../inventory.ts";
import { namesBy } from "./names.ts";
import { personAtDoor, UNKNOWN_PERSON } from "./people.ts";
import { type Caller, type DoorAnswer, type DoorPorts, privately } from "./ports.ts";

/** People stop reading long before Slack cuts. */
const LISTED = 40;
const MAX_TEXT = 12_000;

/** Tells privately what stands, whose it is, since when, and which request changed it last: of one environment, or of all that the person may see. */
export async function showList(ports: DoorPorts, caller: Caller, environment: string | undefined): Promise<DoorAnswer> {
  return privately(await listText(ports, caller, environment));
}

async function listText(ports: DoorPorts, caller: Caller, environment: string | undefined): Promise<string> {
  const known = await personAtDoor(ports, caller);
  if (!known) return UNKNOWN_PERSON;
  const there = Object.keys(ports.environments);
  if (environment !== undefined && !there.includes(environment))
    return `There is no environment ${code(environment, 40)}. There is ${there.join(", ")}.`;

  const { directory, person } = known;
  const names = environment === undefined ? there : [environment];
  const found = (await Promise.all(names.map((name) => ports.requests.inventory(name)))).flat();
  const shown = found.filter((entry) => maySee(directory, person.id, entry.blueprint, entry.environment));
  if (shown.length === 0) return `Nothing stands${environment ? ` in ${environment}` : ""} that you may see.`;

  const nameOf = namesBy(directory);
  const more = shown.length > LISTED ? [`and ${shown.length - LISTED} more: name an environment to see fewer`] : [];
  return cut([...linesOf(shown.slice(0, LISTED), nameOf), ...more].join("\n"), MAX_TEXT);
}

function linesOf(entries: readonly Entry[], nameOf: (actor: string) => string): string[] {
  return entries.flatMap((entry, index) => {
    const { environment, subject, owner, since, request } = entry;
    const head = entries[index - 1]?.environment === environment ? [] : [`*${escapeMrkdwn(environment)}*`];
    const line = `• ${code(subject, 120)}   ${nameOf(owner)}, since ${dayAndTime(since)} · last changed by ${request}`;
    return [...head, line];
  });
}
