import { BuildId, EnvironmentName, JobId, ObjectRef } from "@sluice/events";
import { GrantExpectation } from "@sluice/steps";
import * as z from "zod";
import { PastBuild } from "./job.ts";
import { JobKind } from "./job-kind.ts";

const Milliseconds = z.int().min(0);

/** More changes than any job's item sees: after a version that is larger no table could keep the next one, and each change would fail. */
const MAX_VERSION = 1_000_000;

/** Which job an item is of. It is read from the item's key, never from what lies there. */
export const JobRef = z.object({ environment: EnvironmentName, kind: JobKind, job: JobId });
export type JobRef = z.infer<typeof JobRef>;

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

/** What makes a job's item say no to every build that comes: its request was closed, its plan was made again, or its end was written. */
export const JobVoid = z.enum(["closed", "superseded", "over"]);
export type JobVoid = z.infer<typeof JobVoid>;

const Shape = JobRef.extend({
  version: z.int().min(0).max(MAX_VERSION),
  state: JobState,
  report: JobReport.optional(),
  void: JobVoid.optional(),
  /** Of an apply: what its grant must say, by its owner's own record. The claim puts it here. */
  grant: GrantExpectation.optional(),
  /** Whose lock of Terraform's may be broken. */
  lastBuild: PastBuild.optional(),
});

/** What no honest build leaves: nothing but an apply is applying, and a report is of the build that has the lease. */
export function isSound({ kind, state, report }: z.infer<typeof Shape>): boolean {
  if (state.is === "applying" && kind !== "apply") return false;
  return !report || (state.is !== "claimed" && state.build === report.build);
}

/**
 * What a job's builds may read and write, in an item of its own in the builds' table. Any build of its project may write anything there, so it is believed in
 * three things: who has the lease, what the report is, and that an *apply* is applying. What does not parse is nobody's job.
 */
export const JobItem = Shape.refine(isSound, "not what a build may leave");
export type JobItem = z.infer<typeof JobItem>;

/** The item of a job that was just claimed, or that is put anew. */
export function newJobItem(ref: JobRef, more: Pick<JobItem, "grant" | "lastBuild"> = {}): JobItem {
  return { ...ref, version: 0, state: { is: "claimed" }, ...more };
}

/** The build that has the lease, also after its report. */
export function leaseOf({ state }: Pick<JobItem, "state">): BuildId | undefined {
  return state.is === "claimed" ? undefined : state.build;
}

/** The same item, and no build may begin on it any more. */
export function voided(item: JobItem, why: JobVoid): JobItem {
  return { ...item, void: why };
}
