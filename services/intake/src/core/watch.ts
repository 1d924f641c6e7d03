import { known } from "@sluice/words/facts";
import type { StepPicture } from "./picture.ts";
import type { Instant } from "./record.ts";

const MINUTE_MS = 60_000;

/** How long an owner may be silent about what it was asked, before it is asked again. A build that works is told of when asked (`step.suspended`). */
export const SILENCE_MS = 10 * MINUTE_MS;
/** How long a step may wait for a workspace or a build before its owner is asked whether it still does. */
const SUSPENDED_MS = 15 * MINUTE_MS;
/** A gate ends by itself at its time; approvals' sweep runs each minute. */
const AFTER_GATE_MS = 5 * MINUTE_MS;

/** How often an owner is asked again before people are told that it does not answer. */
export const MAX_NUDGES = 3;

/** When a request is looked at next, if nothing is heard until then. */
export function nextLook(front: StepPicture | undefined, now: Instant): Instant {
  if (front?.facts.ended) return now + SILENCE_MS; // The next step's request, or our own, is on its way.
  const until = known.opened(front)?.until;
  if (until) return Math.max(Date.parse(until) + AFTER_GATE_MS, now + SILENCE_MS);
  return now + (front?.facts.waits ? SUSPENDED_MS : SILENCE_MS);
}
