import * as z from "zod";

export const RequestId = z
  .string()
  .regex(/^req_[0-9a-z]{8,32}$/)
  .brand<"RequestId">();
export const PrincipalId = z
  .string()
  .regex(/^(person|system)_[0-9a-z-]{1,40}$/)
  .brand<"PrincipalId">();
export const EventId = z
  .string()
  .regex(/^evt_[0-9a-f]{32}$/)
  .brand<"EventId">();
export const StepName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/)
  .brand<"StepName">();
export const EnvironmentName = z
  .string()
  .regex(/^[a-z][a-z0-9]{1,19}$/)
  .brand<"EnvironmentName">();
export const WorkspaceName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,59}$/)
  .brand<"WorkspaceName">();
export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<"Sha256">();

/** `job_<request>_<step>_<attempt>`: it names its own item, so that nobody has to look one up. */
export const JobId = z
  .string()
  .regex(/^job_[0-9a-z]{8,32}_[a-z][a-z0-9-]{0,39}_[1-9][0-9]{0,3}$/)
  .brand<"JobId">();

/** `<project>:<uuid>`, as StartBuild returns it; events carry a full ARN, which is cut to this at one place. */
export const BuildId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{2,255}:[0-9a-f-]{36}$/)
  .brand<"BuildId">();

export const Attempt = z.int().min(1).max(9_999).describe("1 for the first; a person's decision makes the next one");
export const StepRef = z.strictObject({ request: RequestId, step: StepName, attempt: Attempt });

/** A gate is an approval step; an older attempt of it is void. */
export const GateRef = StepRef;

/** Who clicked, as Slack signed it. Whether we know them is for a consumer to find out. */
export const SlackIdentity = z.strictObject({ team: z.string().min(1).max(20), user: z.string().min(1).max(20) });

/** One object version and what it must hash to; the bucket follows from what it is. */
export const ObjectRef = z.strictObject({
  key: z.string().min(1).max(300),
  versionId: z.string().min(1).max(120),
  sha256: Sha256,
});

/** A plain value as people and systems give it; lists are flat. */
export const ParameterValue = z.union([
  z.string().max(2_000),
  z.number(),
  z.boolean(),
  z.array(z.union([z.string().max(200), z.number()])).max(20),
]);
export const Parameters = z.record(z.string().regex(/^[a-z][a-z0-9_]{0,39}$/), ParameterValue);

/** A sentence for people. Tool output inside it is data and was cut by whoever made it. */
export const Sentence = z.string().min(1).max(1_000);

/** A stable code that programs may test for. */
export const ReasonCode = z.string().regex(/^[a-z][a-z0-9_]{1,49}$/);

export type RequestId = z.infer<typeof RequestId>;
export type PrincipalId = z.infer<typeof PrincipalId>;
export type EventId = z.infer<typeof EventId>;
export type StepName = z.infer<typeof StepName>;
export type EnvironmentName = z.infer<typeof EnvironmentName>;
export type WorkspaceName = z.infer<typeof WorkspaceName>;
export type Sha256 = z.infer<typeof Sha256>;
export type JobId = z.infer<typeof JobId>;
export type BuildId = z.infer<typeof BuildId>;
export type StepRef = z.infer<typeof StepRef>;
export type GateRef = z.infer<typeof GateRef>;
export type SlackIdentity = z.infer<typeof SlackIdentity>;
export type ObjectRef = z.infer<typeof ObjectRef>;
export type ParameterValue = z.infer<typeof ParameterValue>;
export type Parameters = z.infer<typeof Parameters>;

/** Of what a person writes as a reason, in UTF-16 units. */
export const MAX_REASON = 500;
export const Reason = z.string().max(MAX_REASON);
