import * as z from "zod";
import { defineStep } from "../define-step.ts";
import { ObjectRef, StepName } from "../identifiers.ts";

/** What an apply left. */
export const ApplyOutput = z.strictObject({
  outputs: ObjectRef.describe("Terraform's outputs that are not sensitive, and the hosts, as JSON in the jobs bucket"),
  shown: z
    .record(z.string().max(40), z.string().max(120))
    .refine((shown) => Object.keys(shown).length <= 6, "at most six outputs are shown")
    .meta({ description: "The first plain outputs, for people", maxProperties: 6 }),
  hosts: z.int().min(0).max(1_000),
  resources: z.strictObject({ added: z.int().min(0), changed: z.int().min(0), destroyed: z.int().min(0) }),
  epoch: z.int().min(1).describe("The workspace's epoch that this apply made"),
});
export type ApplyOutput = z.infer<typeof ApplyOutput>;

/** Exactly the approved plan, applied at most once. */
export const apply = defineStep({
  kind: "apply",
  title: "Apply",
  whenFailed: {
    pauses: "needs_replan",
    verb: "Plan again",
    goesOnWith: "plan",
    workspace: "kept",
    stands: "Nothing will be tried again by itself.",
  },
  whenFailedWith: {
    // The apply's own plan was not the approved one: nothing has begun, so somebody else may go on.
    plan_changed: {
      pauses: "plan_changed",
      verb: "Plan again",
      goesOnWith: "plan",
      workspace: "freed",
      stands: "What was approved is not what would happen now.",
    },
    // No plan will ever be the approved one: the code must change.
    plan_never_equal: "ends",
    // The change is the approved one, but the build that planned it has shown or counted something else.
    page_changed: "ends",
    summary_changed: "ends",
  },
  changes: true,
  repeats: "by itself",
  owner: "sluice.provisioner",
  askedBy: ["sluice.approvals"],
  config: z.strictObject({ plan: StepName, approval: StepName }),
  output: ApplyOutput,
  maxOutputBytes: 1_700,
  example: {
    outputs: {
      key: "results/staging/apply/job_7k3m9qx2_apply_1/b/outputs.json",
      versionId: "v1",
      sha256: "c".repeat(64),
    },
    shown: { instance: "i-0abc" },
    hosts: 1,
    resources: { added: 3, changed: 0, destroyed: 0 },
    epoch: 1,
  },
});
