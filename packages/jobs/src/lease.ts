import type { BuildId } from "@sluice/events";
import type { Job } from "./job.ts";
import { type JobItem, type JobReport, leaseOf } from "./job-item.ts";
import type { RequestItem } from "./request-item.ts";

/** Why a build may not begin, or not go on. None of them is an outcome of the step: somebody else has it, or nobody wants it any more. */
export type LeaseRefusal = "unknown_job" | "closed" | "ended" | "superseded" | "leased_by_another";

/** Whether what an apply is for is still the newest plan. Always true of other kinds. */
export function isNewest({ attempts }: RequestItem, { plan }: Job): boolean {
  return !plan || attempts[plan.step] === plan.attempt;
}

/** A build takes the job: `claimed → running(build)`. Taking it again is fine; taking another's is not. */
export function lease(item: JobItem | undefined, build: BuildId, now: number): JobItem | LeaseRefusal {
  if (!item) return "unknown_job";
  if (item.void === "over" || item.report) return "ended";
  const holder = leaseOf(item);
  if (holder === build) return item;
  if (holder) return "leased_by_another";
  if (item.void) return item.void;
  return { ...item, state: { is: "running", build, since: now } };
}

/** The lease's holder says how its work ended. The same report again is fine; the state stays as it is. */
export function report(item: JobItem | undefined, said: JobReport): JobItem | LeaseRefusal {
  if (!item) return "unknown_job";
  if (leaseOf(item) !== said.build) return "leased_by_another";
  if (item.report) return item;
  if (item.void === "over") return "ended";
  return { ...item, report: said };
}
