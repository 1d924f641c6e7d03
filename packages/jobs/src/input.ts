import {
  Attempt,
  EnvironmentName,
  Grant,
  JobId,
  ObjectRef,
  Parameters,
  PlanOutput,
  RequestId,
  Sha256,
  StepName,
  WorkspaceName,
} from "@sluice/events";
import * as z from "zod";

const common = {
  job: JobId,
  request: RequestId,
  step: StepName,
  attempt: Attempt,
  environment: EnvironmentName,
  workspace: WorkspaceName,
  itinerary: Sha256.describe("The itinerary digest that was accepted"),
  release: ObjectRef,
  subject: z.string().min(1).max(120),
};
const Root = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/);
/** Absent unless true: a runner of an older release refuses what it does not know. */
const Destroy = z.literal(true).optional();

/** How playbooks and host controls reach hosts in this installation. */
export const Hosts = z.enum(["none", "ssh"]);
export type Hosts = z.infer<typeof Hosts>;

export const PlanInput = z.strictObject({
  ...common,
  kind: z.literal("plan"),
  root: Root,
  destroy: Destroy,
  variables: Parameters.describe("The blueprint's parameters; they become a tfvars file and nothing else"),
  epoch: z.int().min(0),
  searchOrphans: z.boolean(),
});

export const ApplyInput = z.strictObject({
  ...common,
  kind: z.literal("apply"),
  root: Root,
  destroy: Destroy,
  variables: Parameters.describe("As the plan's: the apply plans by itself"),
  searchOrphans: z.boolean().describe("As the plan's: what a killed apply left is looked for again"),
  differedBefore: Sha256.optional().describe("Where the own plan of the apply before was not the approved one"),
  plan: z.strictObject({ step: StepName, attempt: Attempt, output: PlanOutput }),
  grant: Grant,
});

export const ConfigurationInput = z.strictObject({
  ...common,
  kind: z.literal("configuration"),
  playbook: z.string().max(40),
  variables: Parameters,
  /** The apply's outputs and hosts in the jobs bucket; absent when the build itself is configured. */
  outputs: ObjectRef.optional(),
  hosts: Hosts,
});

export const ScanInput = z.strictObject({
  ...common,
  kind: z.literal("scan"),
  profile: z.string().max(40),
  root: Root,
  destroy: Destroy,
  variables: Parameters,
  outputs: ObjectRef.describe("What the apply left, in the jobs bucket"),
  hosts: Hosts,
});

/**
 * Everything that a job's builds are told, as one object in the jobs bucket, put by a function. A second build of the job gets the same.
 * What changes between builds (whose lock may be broken) is in the job's item, which the lease reads.
 */
export const JobInput = z.discriminatedUnion("kind", [PlanInput, ApplyInput, ConfigurationInput, ScanInput]);

export type PlanInput = z.infer<typeof PlanInput>;
export type ApplyInput = z.infer<typeof ApplyInput>;
export type ConfigurationInput = z.infer<typeof ConfigurationInput>;
export type ScanInput = z.infer<typeof ScanInput>;
export type JobInput = z.infer<typeof JobInput>;
