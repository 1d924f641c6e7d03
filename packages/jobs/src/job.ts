import { BuildId, EventId, Sha256, StepName } from "@sluice/events";
import * as z from "zod";
import { JobKind } from "./job-kind.ts";

/** How many builds a job may need in all before it has failed. */
export const MAX_STARTS = 3;

const Milliseconds = z.int().min(0);

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

/** A build of this workspace that is over, by CodeBuild's clock. A Terraform lock from its time may be broken (docs/design.md, Apply protocol, 7). */
export const PastBuild = z.object({ build: BuildId, startedAt: Milliseconds, endedAt: Milliseconds });
export type PastBuild = z.infer<typeof PastBuild>;

/**
 * One attempt of a step that builds work on, as its owner knows it: what was claimed, which builds were started, how it ended. It lies in its request's item,
 * which no build reads or writes. What its builds say of it lies in its own item (`JobItem`), and is not read again once it has ended here.
 */
export const Job = z.object({
  kind: JobKind,
  cause: EventId.describe("The event that asked for it; every event it owes is derived from this"),
  claimedAt: Milliseconds,
  starts: z.array(JobStart).max(MAX_STARTS),
  end: JobEnd.optional(),
  told: z.literal(true).optional().describe("What the end owes was published whole"),
  /** Of an apply: the plan it is for. A newer attempt of that plan makes it void. */
  plan: z.object({ step: StepName, attempt: z.int().min(1) }).optional(),
  /** Of an apply: the `jti` of the grant that it was claimed with. */
  grant: Sha256.optional(),
  /** Of an apply that was let go, written with its end: by which build, and whether it ended as it should. Absent when nothing began. */
  applied: z.object({ build: BuildId.optional(), clean: z.boolean() }).optional(),
  /** Of a plan: the workspace's epoch when it was claimed. Of an apply: its plan's, by the grant. */
  epoch: z.int().min(0).optional(),
  /** Of a plan: an apply was interrupted here, so things may exist that no state knows. */
  searchOrphans: z.boolean().optional(),
  /** Of an apply that was refused because its own plan was not the approved one: where it differed, as a digest. */
  differs: Sha256.optional(),
  /** The last build whose lease was taken from it, because it was over. */
  lastBuild: PastBuild.optional(),
});
export type Job = z.infer<typeof Job>;

/** Whether Terraform may have changed things that it could not account for: it was let go and did not end cleanly. */
export function blocksWorkspace({ applied }: Job): boolean {
  return applied?.clean === false;
}

/** Whether an apply changed the account as it was approved to. */
export function hasApplied({ applied }: Job): boolean {
  return applied?.clean === true;
}
