import { RequestId } from "@sluice/events";
import { type Accepted, isAccepted } from "../record.ts";
import { statusLine, statusText } from "../status.ts";
import { requestToSee } from "./click.ts";
import { namesBy } from "./names.ts";
import { personAtDoor, UNKNOWN_PERSON } from "./people.ts";
import { type Caller, type DoorAnswer, type DoorPorts, privately } from "./ports.ts";

/** How many of a person's requests are listed. */
const LISTED = 8;

/** Tells privately how a request stands and all that happened to it; without an id, how the person's latest ones stand. */
export async function showStatus(ports: DoorPorts, caller: Caller, id: string | undefined): Promise<DoorAnswer> {
  return privately(id === undefined ? await ownStatus(ports, caller) : await oneStatus(ports, caller, id));
}

async function oneStatus(ports: DoorPorts, caller: Caller, id: string): Promise<string> {
  const request = RequestId.safeParse(id);
  if (!request.success)
    return "A request's id looks like req_ and letters and digits; it is the last line of its message.";
  const seen = await requestToSee(ports, caller, request.data);
  if (typeof seen === "string") return seen;
  return statusText(seen, await ports.requests.facts(seen.request), namesBy(await ports.directory()));
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
