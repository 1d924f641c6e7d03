import { type DataOf, NonRetriableError, type RequestAccepted } from "@sluice/events";
import { newRequestItem, untilCommitted } from "@sluice/jobs";
import { itineraryDigest } from "@sluice/steps";
import { endRequest } from "./end-request.ts";
import { earlyEndOf, placeKey } from "./places.ts";
import type { Ports } from "./ports.ts";

/**
 * Keeps the digest of what was accepted, for good, and goes on with what came before the acceptance.
 *
 * @throws NonRetriableError `itinerary_changed` when the itinerary is not what its digest says, or another was accepted before.
 */
export async function acceptRequest(
  ports: Ports,
  { itinerary, digest }: DataOf<typeof RequestAccepted>,
): Promise<void> {
  const { request, environment, workspace } = itinerary;
  const changed = new NonRetriableError("itinerary_changed", `The itinerary of ${request} is not the one accepted`);
  if (itineraryDigest(itinerary) !== digest) throw changed;

  await untilCommitted(async () => {
    const before = await ports.store.request(environment, request);
    if (before?.digest === digest) return "known";
    if (before?.digest) throw changed;
    return ports.store.commit([
      { is: "request", before, after: { ...newRequestItem({ request, environment, workspace }), digest } },
      { is: "beside", key: placeKey(request), value: { environment, workspace } },
    ]);
  });

  const ended = await earlyEndOf(ports.store, request);
  if (ended) await endRequest(ports, request, ended);
  await ports.wake((await ports.early.of(request)).map((event) => ({ message: "step.kept", event })));
}
