import * as z from "zod";
import { defineStep } from "../define-step.ts";
import { ObjectRef, StepName } from "../identifiers.ts";

const Count = z.int().min(0).max(1_000);

/** What a scan found; each control's evidence is in the object. */
export const ScanOutput = z.strictObject({
  evidence: ObjectRef.describe("Every control: what was asked, what came back, the verdict. JSON in the jobs bucket"),
  passed: Count,
  skipped: Count,
  skippedBecause: z.string().max(300).optional(),
});
export type ScanOutput = z.infer<typeof ScanOutput>;

/** A profile's controls, asked of the account, the host and Terraform. A failing control is `scan.failed` (`controls_failed`). */
export const scan = defineStep({
  kind: "scan",
  title: "Check",
  whenFailed: {
    pauses: "check_failed",
    verb: "Check again",
    workspace: "freed",
    stands: "What was applied stays as it is.",
  },
  changes: false,
  repeats: "by itself",
  owner: "sluice.compliance",
  askedBy: ["sluice.provisioner"],
  config: z.strictObject({ profile: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/), of: StepName }),
  output: ScanOutput,
  maxOutputBytes: 900,
  example: {
    evidence: {
      key: "results/staging/scan/job_7k3m9qx2_check_1/b/evidence.json",
      versionId: "v1",
      sha256: "d".repeat(64),
    },
    passed: 5,
    skipped: 2,
    skippedBecause: "This installation has no hosts.",
  },
});
