import type { EventId, StepName } from "@sluice/events";
import { type Job, jobKey, type RequestItem, withJob } from "@sluice/jobs";

/**
 * Takes up one attempt of a scan, once. "late" owes nothing: the request is closed, or a newer attempt was taken up.
 *
 * @param now milliseconds since 1970
 */
export function claimScan(
  item: RequestItem,
  { step, attempt, cause }: Readonly<{ step: StepName; attempt: number; cause: EventId }>,
  now: number,
): RequestItem | "late" {
  const key = jobKey({ step, attempt });
  if (item.jobs[key]) return item;
  if (!item.digest || item.closed) return "late";
  if ((item.attempts[step] ?? 0) > attempt) return "late";
  const claimed: Job = { kind: "scan", cause, claimedAt: now, starts: [] };
  return withJob({ ...item, attempts: { ...item.attempts, [step]: attempt } }, key, claimed, now);
}
