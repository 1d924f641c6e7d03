import * as z from "zod";
import { defineStep } from "../define-step.ts";
import { ObjectRef, Sha256 } from "../identifiers.ts";

const Count = z.int().min(0).max(100_000);

/** At most five addresses of a sort, and how many there are. The whole list is in the page. */
const Addresses = z.strictObject({ count: Count, first: z.array(z.string().max(120)).max(5) });

/** What a plan is, in a form that people can decide on and an apply can be held to. */
export const PlanOutput = z.strictObject({
  file: ObjectRef.describe("The plan file, in the plans bucket. It holds secrets in clear"),
  page: ObjectRef.describe(
    "The masked page that See plan shows, in the jobs bucket. Its hash is what an approver signs for",
  ),
  contentDigest: Sha256.describe("Over Terraform's plan JSON without its timestamp, keys sorted"),
  empty: z.boolean().describe("No resource and no output changes"),
  counts: z.strictObject({ add: Count, change: Count, destroy: Count, replace: Count, forget: Count, import: Count }),
  destroys: Addresses,
  replaces: Addresses,
  orphans: Addresses.describe("Tagged with this workspace in the account, but in no state: a killed apply left them"),
  state: z.strictObject({ lineage: z.string().max(60), serial: z.int().min(0) }).optional(),
  epoch: z.int().min(0),
  tools: z.strictObject({ terraform: z.string().max(40) }),
});
export type PlanOutput = z.infer<typeof PlanOutput>;

/** Terraform's plan of one root for one workspace, made under a role that cannot write. */
export const plan = defineStep({
  kind: "plan",
  title: "Plan",
  whenFailed: "ends",
  changes: false,
  repeats: "by itself",
  owner: "sluice.provisioner",
  askedBy: [],
  config: z.strictObject({
    root: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/),
    destroy: z.literal(true).optional().describe("Everything that the workspace's state holds goes"),
  }),
  output: PlanOutput,
  maxOutputBytes: 3_500,
  example: {
    file: { key: "staging/job_7k3m9qx2_plan_1/b/plan.tfplan", versionId: "v1", sha256: "a".repeat(64) },
    page: { key: "results/staging/plan/job_7k3m9qx2_plan_1/b/page.json", versionId: "v1", sha256: "b".repeat(64) },
    contentDigest: "9f3a61c2".padEnd(64, "0"),
    empty: false,
    counts: { add: 3, change: 0, destroy: 0, replace: 0, forget: 0, import: 0 },
    destroys: { count: 0, first: [] },
    replaces: { count: 0, first: [] },
    orphans: { count: 0, first: [] },
    epoch: 0,
    tools: { terraform: "1.11.4" },
  },
});
