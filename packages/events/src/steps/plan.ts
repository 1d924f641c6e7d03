import * as z from "zod";
import { defineStep } from "../define-step.ts";
import { ObjectRef, Sha256 } from "../identifiers.ts";

const Count = z.int().min(0).max(100_000);

const Address = z.string().max(120);

/** At most five addresses of a sort, and how many there are. The whole list is in the page. */
const Addresses = z.strictObject({ count: Count, first: z.array(Address).max(5) });

/** What an approver must not overlook. `security_hidden` and `security_unknown`: a value of a role, policy or network that is approved unseen. */
export const PlanRisk = z.strictObject({
  code: z.enum(["data_lost", "open_to_internet", "public", "iam", "security_hidden", "security_unknown"]),
  count: Count.describe("Of resources"),
  first: z.array(Address).max(1),
});

/** What a plan comes to, made of its page alone: by it the rules judge, and its digest is signed. An apply makes it again from its own plan. */
export const PlanSummary = z.strictObject({
  empty: z.boolean().describe("Nothing that an apply would do: no resource and no output changes"),
  counts: z.strictObject({
    add: Count,
    change: Count,
    destroy: Count,
    replace: Count,
    forget: Count,
    import: Count,
    move: Count,
    read: Count.describe("Data sources that are read during the apply"),
    output: Count,
  }),
  destroys: Addresses,
  replaces: Addresses,
  orphans: Addresses.describe("Tagged with this workspace in the account, but in no state: a killed apply left them"),
  risks: z.array(PlanRisk).max(6),
});
export type PlanSummary = z.infer<typeof PlanSummary>;

/** What a plan is, in a form that people can decide on and an apply can be held to. No plan file leaves the build that made it. */
export const PlanOutput = z.strictObject({
  page: ObjectRef.describe(
    "The masked page that See plan shows, in the jobs bucket. Its hash is what an approver signs for",
  ),
  changeDigest: Sha256.describe("Over code, parameters and everything that an apply would do, hidden values too"),
  digestKey: ObjectRef.describe(
    "The random key of the change digest and each entry's HMAC under it, in the jobs bucket. Only builds that plan and apply in this environment read it",
  ),
  summary: PlanSummary,
  seen: z
    .strictObject({ warnings: Count, failingChecks: Count })
    .describe("What the page tells beside the change: true when the plan was made, and not part of what is approved"),
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
  maxOutputBytes: 4_600,
  example: {
    page: { key: "results/staging/plan/job_7k3m9qx2_plan_1/b/page.json", versionId: "v1", sha256: "b".repeat(64) },
    changeDigest: "9f3a61c2".padEnd(64, "0"),
    digestKey: { key: "digest-keys/staging/job_7k3m9qx2_plan_1/b.json", versionId: "v1", sha256: "a".repeat(64) },
    summary: {
      empty: false,
      counts: { add: 3, change: 0, destroy: 0, replace: 0, forget: 0, import: 0, move: 0, read: 0, output: 2 },
      destroys: { count: 0, first: [] },
      replaces: { count: 0, first: [] },
      orphans: { count: 0, first: [] },
      risks: [],
    },
    seen: { warnings: 0, failingChecks: 0 },
    epoch: 0,
    tools: { terraform: "1.11.4" },
  },
});
