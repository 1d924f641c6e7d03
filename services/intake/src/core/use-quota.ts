import { isPerson } from "@sluice/directory";
import type { PrincipalId } from "@sluice/events";
import { owedAtEnd } from "./owed.ts";
import type { Ports } from "./ports.ts";
import { type Used, type UsedUp, withoutPlan, withoutRequest } from "./quotas.ts";
import { isAccepted, type RequestRecord } from "./record.ts";

/** Each loss is another change of the same person's that was stored; who meets so many has asked for more at once than may be open. */
const MAX_LOSSES = 30;

/**
 * Changes what somebody has used up by a pure transition, as one conditional write, or none where it changes nothing. Says which quota has nothing left, and has then
 * changed nothing.
 *
 * @throws when so many others changed it at the same time that the message should come again.
 */
export async function changeUsed(
  { store }: Pick<Ports, "store">,
  principal: PrincipalId,
  transition: (before: Used) => Used | UsedUp,
): Promise<UsedUp | undefined> {
  for (let losses = 0; losses < MAX_LOSSES; losses += 1) {
    const before = await store.used(principal);
    const after = transition(before);
    if (typeof after === "string") return after;
    if (after === before || (await store.replaceUsed(before, after))) return undefined;
  }
  throw new Error(`What ${principal} has used up was changed by others ${MAX_LOSSES} times in a row`);
}

/**
 * Tells a request's end, and frees its place before: whoever hears of the end may ask for the next one. The end is stored by then, so nothing that is open loses its
 * place. Whoever brings the cause of an end does this again whenever its message comes again, so a crash in between leaves no place taken.
 */
export async function tellEnd(ports: Pick<Ports, "store" | "publish">, record: RequestRecord): Promise<void> {
  const { request, itinerary } = record;
  if (itinerary && isPerson(itinerary.requester))
    await changeUsed(ports, itinerary.requester, (used) => withoutRequest(used, request));
  await ports.publish(owedAtEnd(record));
}

/**
 * Gives back what a person's proposal has taken and the stored record does not use: it was judged otherwise when it came again, another one of the same id was first, or
 * the request has ended meanwhile.
 */
export async function giveBackUnused(
  ports: Pick<Ports, "store">,
  record: RequestRecord,
  person: PrincipalId,
): Promise<void> {
  const { request } = record;
  const isTheirs = isAccepted(record) && record.itinerary.requester === person;
  if (isTheirs && !record.end) return;
  await changeUsed(ports, person, (used) => {
    const placeless = withoutRequest(used, request);
    return isTheirs ? placeless : withoutPlan(placeless, request);
  });
}

/** Gives the plan of a repetition back that was counted and then refused for another reason. */
export async function giveBackPlan(ports: Pick<Ports, "store">, person: PrincipalId, by: string): Promise<void> {
  await changeUsed(ports, person, (used) => withoutPlan(used, by));
}
