import { type Directory, maySee, type Principal, personOf } from "@sluice/directory";
import type { RequestId } from "@sluice/events";
import { type Accepted, isAccepted } from "../core/record.ts";
import type { Caller, DoorPorts } from "./ports.ts";

/** What somebody is told whom the directory does not know as an active person. */
export const UNKNOWN_PERSON =
  "Sluice does not know you, or your access has ended. Ask the platform team to add you to the directory. Nothing was changed.";

/** What somebody is told who may not look; also where there is nothing to look at, so that nobody learns which ids exist. */
export const NOT_TO_SEE = "There is no such request that you may see.";

export type AtDoor = Readonly<{ person: Principal; directory: Directory }>;

/** Who is at the door, as the directory has it now. */
export async function personAtDoor(ports: DoorPorts, { who }: Caller): Promise<AtDoor | undefined> {
  const directory = await ports.directory();
  const person = directory && personOf(directory, who);
  return directory && person ? { person, directory } : undefined;
}

/** Whether a person may see a request: their own, or by right. */
export function maySeeRequest(directory: Directory, person: Principal, { itinerary }: Accepted): boolean {
  const { requester, onBehalfOf, blueprint, environment } = itinerary;
  return person.id === requester || person.id === onBehalfOf || maySee(directory, person.id, blueprint.id, environment);
}

/** A request that this person may see; else a sentence for them. */
export async function requestToSee(ports: DoorPorts, caller: Caller, request: RequestId): Promise<Accepted | string> {
  const known = await personAtDoor(ports, caller);
  if (!known) return UNKNOWN_PERSON;
  const record = await ports.requests.request(request);
  return record && isAccepted(record) && maySeeRequest(known.directory, known.person, record) ? record : NOT_TO_SEE;
}
