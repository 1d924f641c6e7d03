import * as z from "zod";
import { Decimal, type Exact, NotExact, parseExact } from "../json/exact-json.ts";

/** A plan, or a part of one, that this version cannot show whole. What cannot be shown cannot be approved. */
export class NotUnderstood extends Error {
  override name = "NotUnderstood";
}

/** A value, or a tree of marks, as Terraform gives it. What it means is its reader's matter. */
const Value = z.custom<Exact>(() => true);

const actionNames = {
  "no-op": "no-op",
  read: "read",
  create: "create",
  update: "update",
  delete: "destroy",
  forget: "forget",
  "delete,create": "replace",
  "create,delete": "replace",
} as const;
export type Action = (typeof actionNames)[keyof typeof actionNames];

/** https://github.com/hashicorp/terraform/blob/v1.11.4/internal/command/jsonplan/resource.go */
const ActionReason = z.enum([
  "replace_because_tainted",
  "replace_because_cannot_update",
  "replace_by_request",
  "replace_by_triggers",
  "delete_because_no_resource_config",
  "delete_because_wrong_repetition",
  "delete_because_count_index",
  "delete_because_each_key",
  "delete_because_no_module",
  "delete_because_no_move_target",
  "read_because_config_unknown",
  "read_because_dependency_pending",
  "read_because_check_nested",
]);
export type ActionReason = z.infer<typeof ActionReason>;

const Change = z.strictObject({
  actions: z.array(z.string()).refine((actions) => Object.hasOwn(actionNames, actions.join()), "an action"),
  before: Value.optional(),
  after: Value.optional(),
  after_unknown: Value.optional(),
  before_sensitive: Value.optional(),
  after_sensitive: Value.optional(),
  replace_paths: z.array(z.array(z.union([z.string(), z.instanceof(Decimal)]))).optional(),
  importing: z.strictObject({ id: z.string() }).optional(),
});

const ResourceChange = z.strictObject({
  address: z.string(),
  previous_address: z.string().optional(),
  module_address: z.string().optional(),
  mode: z.enum(["managed", "data"]),
  type: z.string(),
  name: z.string(),
  index: z.union([z.string(), z.instanceof(Decimal)]).optional(),
  provider_name: z.string(),
  deposed: z.string().optional(),
  change: Change,
  action_reason: ActionReason.optional(),
});

/** What stands beside the change and is not approved: whatever it is, it refuses nothing. */
const Beside = Value.optional();

/**
 * `terraform show -json <plan>` as Terraform 1.11 writes it (https://developer.hashicorp.com/terraform/internals/json-format). The keys are known lists: a part
 * that a later version adds may act, as `action_invocations` of 1.14 do, and would stand on no page.
 */
const PlanJson = z.strictObject({
  format_version: z.string().regex(/^1\.\d+$/, "a format"),
  terraform_version: z.string(),
  errored: z.literal(false, "Terraform ended the plan with an error"),
  complete: z.literal(true, "Terraform left a part of the plan for later, so it does not say all that would happen"),
  applyable: z.boolean(),
  resource_changes: z.array(ResourceChange).default([]),
  output_changes: z.record(z.string(), Change).default({}),
  deferred_changes: z.array(z.never()).optional(),
  variables: Beside,
  planned_values: Beside,
  resource_drift: Beside,
  prior_state: Beside,
  configuration: Beside,
  relevant_attributes: Beside,
  checks: Beside,
  timestamp: Beside,
});

export type PlanJson = z.infer<typeof PlanJson>;
export type ResourceChange = z.infer<typeof ResourceChange>;
export type Change = z.infer<typeof Change>;

/**
 * Reads a plan without loss. `secretsOf` wants the whole: it stands beside the parts.
 *
 * @throws NotUnderstood naming the part that is not known, or why the text cannot be read
 */
export function readPlan(text: string): Readonly<{ plan: PlanJson; whole: Exact }> {
  const whole = exact(text);
  const read = PlanJson.safeParse(whole);
  if (!read.success) throw new NotUnderstood(partOf(read.error), { cause: read.error });
  return { plan: read.data, whole };
}

/** What Terraform does with a resource or an output, whatever the order of a replacement. */
export function actionOf({ actions }: Pick<Change, "actions">): Action {
  const action = Object.entries(actionNames).find(([name]) => name === actions.join())?.[1];
  if (!action) throw new NotUnderstood(`Terraform plans an action that is not known here: ${actions.join(", ")}`);
  return action;
}

/** Whether something that is there now goes: a replacement takes the old one away. */
export function takesAway(action: Action): boolean {
  return action === "destroy" || action === "forget" || action === "replace";
}

function exact(text: string): Exact {
  try {
    return parseExact(text);
  } catch (cause) {
    if (cause instanceof NotExact) throw new NotUnderstood(`The plan cannot be read. ${cause.message}`, { cause });
    throw cause;
  }
}

const PART_CHARACTERS = 200;

/** Names where it is and, for a key that is not known, its name. Keys are the tool's words: they are cut, and hold no value. */
function partOf({ issues: [issue] }: z.ZodError): string {
  const at = (issue?.path ?? []).map(String).join(".") || "the plan";
  if (issue && (at === "errored" || at === "complete")) return issue.message;
  const keys = issue?.code === "unrecognized_keys" ? issue.keys.join(", ") : undefined;
  const says = keys ? `has a part that is not known here: ${keys}` : "says something that is not known here";
  return `This version of Sluice does not understand all of the plan: ${at} ${says}`.slice(0, PART_CHARACTERS);
}
