import { type EventId, mayChange, type StepName } from "@sluice/events";
import { hasApplied, type Job, jobKey, type RequestItem, withJob, withoutTurn } from "@sluice/jobs";
import * as z from "zod";
import { isUnderWay, type OpenApplies } from "./open-applies.ts";

/** Why another attempt is not made. The request stays as it is. */
export const RepetitionRefusal = z.enum(["apply_under_way", "plan_under_way", "already_applied"]);
export type RepetitionRefusal = z.infer<typeof RepetitionRefusal>;

/** What a claim is made of. The kind's own facts (its plan, its epoch) come in `job`. */
export type Claim = Readonly<{
  step: StepName;
  attempt: number;
  cause: EventId;
  job: Pick<Job, "kind"> & Partial<Pick<Job, "plan" | "grant" | "epoch" | "searchOrphans" | "lastBuild">>;
}>;

/** "late" owes nothing: the request is closed, or a newer attempt was taken up. */
export type ClaimRefusal = "late" | RepetitionRefusal;

/**
 * Takes up one attempt of a step, once. A plan made again is taken up only while no build of the request is at work on an apply and none has succeeded,
 * and from then on an apply of the older plan can be claimed, leased or started no more: whoever writes this makes the open ones void.
 *
 * @param applies the request's open applies; only a plan asks for them
 */
export function claim(
  item: RequestItem,
  { step, attempt, cause, job }: Claim,
  applies: OpenApplies,
  now: number,
): RequestItem | ClaimRefusal {
  const key = jobKey({ step, attempt });
  if (item.jobs[key]) return item;
  if (!item.digest || item.closed) return "late";
  if ((item.attempts[step] ?? 0) > attempt) return "late";
  if (job.plan && item.attempts[job.plan.step] !== job.plan.attempt) return "late";
  if (job.kind === "plan") {
    const jobs = Object.values(item.jobs);
    if (isUnderWay(applies)) return "apply_under_way";
    if (jobs.some(hasApplied)) return "already_applied";
    if (jobs.some((each) => each.kind === "plan" && !each.end)) return "plan_under_way";
  }
  const isAlone = mayChange(job.kind) && !job.plan; // An older apply is void with its plan, and the start lets one go on.
  if (isAlone && Object.values(item.jobs).some((each) => each.kind === job.kind && !each.end)) return "late"; // A host is configured by one build at a time.
  const claimed: Job = { ...job, cause, claimedAt: now, starts: [] };
  return withJob({ ...withoutTurn(item, now), attempts: { ...item.attempts, [step]: attempt } }, key, claimed, now);
}
