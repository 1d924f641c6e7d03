import { BuildId, EventId, ObjectRef, Sha256, StepName } from "@sluice/events";
import * as z from "zod";
import { JobKind } from "./job-kind.ts";

/** How many builds a job may need in all before it has failed (design §7.6). */
export const MAX_STARTS = 3;

const Milliseconds = z.int().min(0);

/** Which build has the job. A report does not change it: truth is lease plus report. */
export const JobState = z.discriminatedUnion("is", [
  z.object({ is: z.literal("claimed") }),
  z.object({ is: z.literal("running"), build: BuildId, since: Milliseconds }),
  z.object({ is: z.literal("applying"), build: BuildId, since: Milliseconds }),
]);
export type JobState = z.infer<typeof JobState>;

/** A build's last write, and the last thing it does with the account and the state. The result it names says more. */
export const JobReport = z.object({
  build: BuildId,
  outcome: z.enum(["completed", "failed"]),
  clean: z.boolean().describe("Of an apply: Terraform ended by itself, without an error, and wrote its state"),
  result: ObjectRef.describe("result.json in the jobs bucket"),
});
export type JobReport = z.infer<typeof JobReport>;

/** A start that was counted. Without `build` its answer was lost, or has not come yet. */
export const JobStart = z.object({
  build: BuildId.optional(),
  refused: z.string().max(100).optional().describe("CodeBuild's own word for why it started nothing"),
});

/** Why nothing more will come of a job. What it owes follows from it and from the outcome beside. */
export const JobEnd = z.enum([
  "reported",
  "refused", // The buildspec's own shell refused: a release or an input was missing or changed.
  "could_not_start",
  "interrupted",
  "answered", // The function answered by itself; no build was needed.
  "dropped", // Closed or superseded before it did anything: nothing is owed.
]);
export type JobEnd = z.infer<typeof JobEnd>;

/** A build of this workspace that is over, by CodeBuild's clock. A Terraform lock from its time may be broken (design §7.2). */
export const PastBuild = z.object({ build: BuildId, startedAt: Milliseconds, endedAt: Milliseconds });
export type PastBuild = z.infer<typeof PastBuild>;

/** One attempt of a step that builds work on. It lies in its request's item. */
export const Job = z.object({
  kind: JobKind,
  cause: EventId.describe("The event that asked for it; every event it owes is derived from this"),
  claimedAt: Milliseconds,
  state: JobState,
  starts: z.array(JobStart).max(MAX_STARTS),
  report: JobReport.optional(),
  end: JobEnd.optional(),
  told: z.literal(true).optional().describe("What the end owes was published whole"),
  /** Of an apply: the plan it is for. A newer attempt of that plan makes it void. */
  plan: z.object({ step: StepName, attempt: z.int().min(1) }).optional(),
  /** Of a plan: the workspace's epoch when it was claimed. */
  epoch: z.int().min(0).optional(),
  /** Of a plan: an apply was interrupted here, so things may exist that no state knows. */
  searchOrphans: z.boolean().optional(),
  /** Of an apply that was refused because its own plan was not the approved one: where it differed, as a digest. */
  differs: Sha256.optional(),
  lastBuild: PastBuild.optional(),
});
export type Job = z.infer<typeof Job>;

/** The build that has the lease, also after its report. */
export function leaseOf({ state }: Job): BuildId | undefined {
  return state.is === "claimed" ? undefined : state.build;
}

/** Whether a build has the lease and the job's end has not been written: it may be at work, or nobody knows yet what it did. */
export function isAtWork(job: Job): boolean {
  return job.state.is !== "claimed" && !job.end;
}

/** Whether Terraform may have changed things that it could not account for: it was let go and did not end cleanly. */
export function blocksWorkspace({ state, report }: Job): boolean {
  return state.is === "applying" && !(report?.outcome === "completed" && report.clean);
}

/** Whether an apply changed the account as it was approved to. */
export function hasApplied(job: Job): boolean {
  return job.kind === "apply" && job.state.is === "applying" && Boolean(job.report) && !blocksWorkspace(job);
}
