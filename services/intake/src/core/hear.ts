import { type AnyEvent, NonRetriableError, type RequestId } from "@sluice/events";
import { itineraryDigest, verifySlip } from "@sluice/steps";
import { type Fact, factOf, isAsked, stepInKey } from "@sluice/words/facts";
import { endOf } from "./ends.ts";
import { owedWhenPaused } from "./owed.ts";
import { type Picture, pauseOf, pictureOf } from "./picture.ts";
import type { Handled, Ports } from "./ports.ts";
import { type Accepted, type Instant, isAccepted, MAX_ATTEMPTS, type RequestRecord, withEnd } from "./record.ts";
import { tellEnd } from "./use-quota.ts";
import { nextLook } from "./watch.ts";

/**
 * Hears what became of a request: keeps it, and sees what the whole amounts to now. Whoever brings the cause of an end or a pause publishes it, so that a
 * redelivered message publishes it again and a late one changes nothing.
 *
 * @throws NonRetriableError `unknown_request` for a request that was never accepted: an outcome of nothing; `itinerary_changed` for work that is asked for
 *   with another itinerary than the one accepted: what is kept here may be asked for again, word for word; `unknown_step` for a step or an attempt that the request
 *   cannot have
 */
export async function hear(ports: Ports, event: AnyEvent): Promise<void> {
  const fact = factOf(event);
  const record = await known(ports, fact.request, event.type);
  if (record.end && record.end.cause.causationId !== fact.id) return; // Late: the end was told (docs/design.md, rule 9).

  refuseUnknownStep(record, fact);
  if (isAsked(fact)) verifySlip(fact.data.slip, itineraryDigest(record.itinerary));
  await ports.store.keep(fact);
  if (isAsked(fact)) return; // No answer of anybody: our own nudge comes back to us like this.
  await settle(ports, fact.request, fact.id);
}

/** What can be heard of steps is as much as the request may have: nobody fills its facts with steps and attempts that cannot be. */
function refuseUnknownStep({ request, itinerary }: Accepted, { key, type }: Fact): void {
  const step = stepInKey(key);
  if (!step || (step.attempt <= MAX_ATTEMPTS && itinerary.steps.some(({ name }) => name === step.name))) return;
  throw new NonRetriableError(
    "unknown_step",
    `${type} is about ${step.name}, attempt ${step.attempt}, which ${request} cannot have`,
  );
}

/** The record of an accepted request. @throws NonRetriableError `unknown_request` */
export async function known(ports: Pick<Ports, "store">, request: RequestId, what: string): Promise<Accepted> {
  const record = await ports.store.request(request);
  if (!record || !isAccepted(record))
    throw new NonRetriableError("unknown_request", `${what} is about ${request}, which was never accepted`);
  return record;
}

/** Brings the record up to what is known, and publishes what the handled event brought about. Safe to repeat at any point. */
export async function settle(ports: Ports, request: RequestId, handled: Handled | undefined): Promise<void> {
  const { store } = ports;
  const before = await store.request(request);
  if (!before || !isAccepted(before)) return;
  const picture = pictureOf(before, await store.facts(request));
  const after = advanced(before, picture, ports.now());
  if (after !== before && !(await store.replace(before, after))) return settle(ports, request, handled); // Ends: each loss is somebody else's change.

  if (after.end) return after.end.cause.causationId === handled ? tellEnd(ports, after) : undefined;
  await ports.publish(owedWhileOpen(after, picture, handled));
}

/** The record after it was looked at: its end if it has come, else when it is looked at next. */
function advanced(record: Accepted, picture: Picture, now: Instant): Accepted {
  if (record.end) return record;
  const end = endOf(record, picture, now);
  if (end) return withEnd(record, end);
  const { dueAt: _, nudged: __, ...rest } = record;
  return { ...rest, dueAt: pauseOf(picture)?.until ?? nextLook(picture.front, now) };
}

function owedWhileOpen(record: RequestRecord, picture: Picture, handled: Handled | undefined) {
  const pause = pauseOf(picture);
  return pause && pause.failed.id === handled ? [owedWhenPaused(record, pause)] : [];
}
