import {
  type Itinerary,
  type ItineraryStep,
  NonRetriableError,
  type Sha256,
  type Slip,
  type StepName,
} from "@sluice/events";
import { itineraryDigest } from "./digest.ts";

/** A slip as intake sends it first: nothing has been done. */
export function newSlip(itinerary: Itinerary): Slip {
  return { itinerary, digest: itineraryDigest(itinerary), log: [] };
}

/**
 * Refuses a slip whose itinerary is not the one that `request.accepted` fixed. The slip's own digest is not trusted: it is computed.
 *
 * @throws NonRetriableError `itinerary_changed`
 */
export function verifySlip(slip: Slip, accepted: Sha256): void {
  const digest = itineraryDigest(slip.itinerary);
  if (digest !== accepted || slip.digest !== accepted)
    throw new NonRetriableError(
      "itinerary_changed",
      `The itinerary of ${slip.itinerary.request} is not the one that was accepted (${digest.slice(0, 8)} instead of ${accepted.slice(0, 8)})`,
    );
}

/**
 * The step of that name, checked to be of the kind that the event names.
 *
 * @throws NonRetriableError `unknown_step`
 */
export function stepOf(slip: Slip, name: StepName, kind: string): ItineraryStep {
  const step = slip.itinerary.steps.find((each) => each.name === name);
  if (step?.kind !== kind)
    throw new NonRetriableError("unknown_step", `${slip.itinerary.request} has no step ${name} of kind ${kind}`);
  return step;
}

/** The step after this one, or nothing when it was the last. */
export function stepAfter(slip: Slip, name: StepName): ItineraryStep | undefined {
  const index = slip.itinerary.steps.findIndex((each) => each.name === name);
  return index < 0 ? undefined : slip.itinerary.steps[index + 1];
}

/** The slip with a step's output. A newer attempt takes the place of an older one and of every step after it: they were done on what no longer is. */
export function withOutput(slip: Slip, step: StepName, attempt: number, output: Slip["log"][number]["output"]): Slip {
  const order = slip.itinerary.steps.map((each) => each.name);
  const before = slip.log.filter((entry) => order.indexOf(entry.step) < order.indexOf(step));
  return { ...slip, log: [...before, { step, attempt, output }] };
}

/** The newest attempt that the slip knows of a step; 0 when it knows none. */
export function attemptOf(slip: Slip, step: StepName): number {
  return slip.log.find((entry) => entry.step === step)?.attempt ?? 0;
}
