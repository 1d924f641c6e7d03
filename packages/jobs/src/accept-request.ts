import { type DataOf, type EventId, NonRetriableError, type RequestAccepted, type RequestId } from "@sluice/events";
import { itineraryDigest, type StepRequest } from "@sluice/steps";
import type { EarlySteps } from "./early-steps.ts";
import { type JobStore, untilCommitted } from "./job-store.ts";
import { earlyEndOf, placeKey } from "./places.ts";
import { newRequestItem } from "./request-item.ts";

/** What an owner of jobs brings to the acceptance of a request. */
export type AcceptancePorts = Readonly<{
  store: JobStore;
  early: EarlySteps;
  wake(messages: readonly Readonly<{ message: "step.kept"; event: StepRequest }>[]): Promise<void>;
  /** What the owner does at an end; here one that came before the acceptance. */
  endRequest(request: RequestId, cause: EventId): Promise<void>;
}>;

/**
 * Keeps the digest of what was accepted, for good, and goes on with what came before the acceptance.
 *
 * @throws NonRetriableError `itinerary_changed` when the itinerary is not what its digest says, or another was accepted before.
 */
export async function acceptRequest(
  ports: AcceptancePorts,
  { itinerary, digest }: DataOf<typeof RequestAccepted>,
): Promise<void> {
  const { request, environment, workspace } = itinerary;
  const changed = new NonRetriableError("itinerary_changed", `The itinerary of ${request} is not the one accepted`);
  if (itineraryDigest(itinerary) !== digest) throw changed;

  await untilCommitted(async () => {
    const before = await ports.store.request(environment, request);
    if (before?.digest === digest) return "known";
    if (before?.digest) throw changed;
    const after = { ...(before ?? newRequestItem({ request, environment, workspace })), digest };
    return ports.store.commit([
      { is: "request", before, after },
      ...(before ? [] : [{ is: "beside", key: placeKey(request), value: { environment, workspace } } as const]),
    ]);
  });

  const ended = await earlyEndOf(ports.store, request);
  if (ended) await ports.endRequest(request, ended);
  await ports.wake((await ports.early.of(request)).map((event) => ({ message: "step.kept" as const, event })));
}
