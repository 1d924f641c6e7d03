import {
  type EventId,
  type ItineraryStep,
  NonRetriableError,
  type RequestId,
  type Sha256,
  type Slip,
  type StepName,
} from "@sluice/events";
import type * as z from "zod";
import type { Owed } from "./owed.ts";
import { stepOf, verifySlip } from "./slip.ts";

/** A `<kind>.requested` as its owner receives it. */
export type StepRequest = Readonly<{
  type: string;
  metadata: { id: EventId; actor: string };
  data: { request: RequestId; step: StepName; attempt: number; slip: Slip };
}>;

/** A step, checked against what was accepted, with its configuration parsed. */
export type Step<C> = Readonly<{
  request: RequestId;
  name: StepName;
  attempt: number;
  slip: Slip;
  config: C;
  itineraryStep: ItineraryStep;
  /** The id of the event that asked for it: the cause of everything the step owes. */
  cause: EventId;
}>;

export type StepPorts = Readonly<{
  /** What `request.accepted` fixed, and whether the request has ended. Nothing when the acceptance has not arrived yet. */
  standing(request: RequestId): Promise<{ digest: Sha256; closed: boolean } | undefined>;
  /** Keeps a request that came before its acceptance, once. Whoever handles `request.accepted` performs what was kept. */
  keepEarly(event: StepRequest): Promise<void>;
  publish(owed: readonly Owed[]): Promise<void>;
}>;

/**
 * The one place that knows how a step begins: it waits for the acceptance without failing the message, trusts nothing on the slip that was not accepted,
 * starts nothing for a closed request, and publishes what the work owes. Safe to repeat at any point: `work` finds its own state and owes the same events.
 *
 * @throws NonRetriableError `itinerary_changed`, `unknown_step` or `other_request`: a forged step, parked with its reason. The real request is left as it is.
 */
export async function performStep<C extends z.ZodType>(
  contract: { kind: string; config: C },
  ports: StepPorts,
  event: StepRequest,
  work: (step: Step<z.infer<C>>) => Promise<readonly Owed[]>,
): Promise<void> {
  const { request, step: name, attempt, slip } = event.data;
  if (slip.itinerary.request !== request)
    throw new NonRetriableError("other_request", `A step of ${request} carries the slip of ${slip.itinerary.request}`);

  const standing = (await ports.standing(request)) ?? (await standingAfterKeeping(ports, event));
  if (!standing) return;

  verifySlip(slip, standing.digest);
  const itineraryStep = stepOf(slip, name, contract.kind);
  if (standing.closed) return; // The end was told; a late step owes nothing (docs/design.md, rule 9).

  const config = contract.config.safeParse(itineraryStep.config);
  if (!config.success)
    throw new NonRetriableError("unknown_step", `The configuration of ${name} is not one of kind ${contract.kind}`, {
      cause: config.error,
    });
  await ports.publish(
    await work({ request, name, attempt, slip, config: config.data, itineraryStep, cause: event.metadata.id }),
  );
}

/** Asked again once the step is kept: an acceptance that came between the two would have found nothing to perform. */
async function standingAfterKeeping(ports: StepPorts, event: StepRequest) {
  await ports.keepEarly(event);
  return ports.standing(event.data.request);
}
