import type { BuildId } from "@sluice/events";
import { type Job, type JobReport, leaseOf } from "./job.ts";
import type { RequestItem } from "./request-item.ts";
import { withJob } from "./request-item.ts";

/** Why a build may not begin, or not go on. None of them is an outcome of the step: somebody else has it, or nobody wants it any more. */
export type LeaseRefusal = "unknown_job" | "closed" | "ended" | "superseded" | "leased_by_another";

/** Whether what an apply is for is still the newest plan. Always true of other kinds. */
export function isNewest({ attempts }: RequestItem, { plan }: Job): boolean {
  return !plan || attempts[plan.step] === plan.attempt;
}

/** A build takes the job: `claimed → running(build)`. Taking it again is fine; taking another's is not (design §7.3). */
export function lease(item: RequestItem, key: string, build: BuildId, now: number): RequestItem | LeaseRefusal {
  const job = item.jobs[key];
  if (!job) return "unknown_job";
  if (job.end || job.report) return "ended";
  const holder = leaseOf(job);
  if (holder === build) return item;
  if (holder) return "leased_by_another";
  if (item.closed) return "closed";
  if (!isNewest(item, job)) return "superseded";
  return withJob(item, key, { ...job, state: { is: "running", build, since: now } }, now);
}

/** The lease's holder says how its work ended. The same report again is fine; the state stays as it is (design §7.7). */
export function report(item: RequestItem, key: string, said: JobReport, now: number): RequestItem | LeaseRefusal {
  const job = item.jobs[key];
  if (!job) return "unknown_job";
  if (leaseOf(job) !== said.build) return "leased_by_another";
  if (job.report) return item;
  if (job.end) return "ended";
  return withJob(item, key, { ...job, report: said }, now);
}
