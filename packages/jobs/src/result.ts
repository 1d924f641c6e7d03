import {
  ApplyOutput,
  type BuildId,
  ConfigurationOutput,
  PlanOutput,
  ReasonCode,
  ScanOutput,
  Sentence,
  Sha256,
} from "@sluice/events";
import * as z from "zod";
import type { JobRef } from "./job-item.ts";
import type { JobKind } from "./job-kind.ts";
import { digestKeyKey, resultKey } from "./keys.ts";

/** As a build measures them. JSON takes numbers that no table does, so they are bounded here and told in tenths. */
export const Seconds = z.number().min(0).max(86_400);

export function tenths(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}

const Failed = z.strictObject({
  outcome: z.literal("failed"),
  code: ReasonCode,
  sentence: Sentence,
  repeatable: z.boolean(),
  seconds: Seconds,
  clean: z.boolean().describe("Nothing was changed, or what was changed is in the state"),
  differs: Sha256.optional().describe("Of an apply whose own plan was not the approved one: where, as a digest"),
});

const completed = <O extends z.ZodType>(output: O) =>
  z.strictObject({ outcome: z.literal("completed"), output, seconds: Seconds });

/** `result.json` of a build, by kind of job. */
export const results = {
  plan: z.discriminatedUnion("outcome", [completed(PlanOutput), Failed]),
  apply: z.discriminatedUnion("outcome", [completed(ApplyOutput), Failed]),
  configuration: z.discriminatedUnion("outcome", [completed(ConfigurationOutput), Failed]),
  scan: z.discriminatedUnion("outcome", [completed(ScanOutput), Failed]),
} as const satisfies Record<JobKind, z.ZodType>;

export type JobResult<K extends JobKind = JobKind> = z.infer<(typeof results)[K]>;

/**
 * Whether everything that a result refers to lies where this build of this job may write, under the name that its kind gives it. What another job's build has made
 * is not this one's, however genuine it is.
 */
export function namesOwnObjects(of: JobRef, build: BuildId, result: JobResult): boolean {
  if (result.outcome === "failed") return true;
  const { output } = result;
  if ("page" in output)
    return output.page.key === resultKey(of, build, "page.json") && output.digestKey.key === digestKeyKey(of, build);
  if ("outputs" in output) return output.outputs.key === resultKey(of, build, "outputs.json");
  if ("evidence" in output) return output.evidence.key === resultKey(of, build, "evidence.json");
  return true;
}

/** What the buildspec's own shell leaves in `refused.json` when it could not even begin. */
export const Refused = z.strictObject({ reason: z.enum(["release_missing", "release_changed", "input_missing"]) });
export type Refused = z.infer<typeof Refused>;
