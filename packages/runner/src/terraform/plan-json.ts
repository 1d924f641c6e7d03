import * as z from "zod";

const Change = z.looseObject({
  actions: z.array(z.string()).min(1),
  before: z.json().optional(),
  after: z.json().optional(),
  after_unknown: z.json().optional(),
  before_sensitive: z.json().optional(),
  after_sensitive: z.json().optional(),
  replace_paths: z.array(z.array(z.union([z.string(), z.number()]))).optional(),
  importing: z.looseObject({ id: z.string().optional() }).optional(),
});

const ResourceChange = z.looseObject({
  address: z.string(),
  previous_address: z.string().optional(),
  mode: z.string(),
  type: z.string(),
  deposed: z.string().optional(),
  change: Change,
  action_reason: z.string().optional(),
});

/** What we read of `terraform show -json <plan>` (https://developer.hashicorp.com/terraform/internals/json-format). Fields that we do not know stay in it, so that the content digest covers them. */
export const PlanJson = z.looseObject({
  format_version: z.string().startsWith("1."),
  terraform_version: z.string(),
  variables: z.record(z.string(), z.looseObject({ value: z.json().optional() })).optional(),
  resource_changes: z.array(ResourceChange).optional(),
  resource_drift: z.array(ResourceChange).optional(),
  output_changes: z.record(z.string(), Change).optional(),
  relevant_attributes: z.array(z.json()).optional(),
  prior_state: z.json().optional(),
  configuration: z
    .looseObject({
      provider_config: z.record(z.string(), z.looseObject({ full_name: z.string().optional() })).optional(),
      root_module: z
        .looseObject({
          variables: z.record(z.string(), z.looseObject({ sensitive: z.boolean().optional() })).optional(),
        })
        .optional(),
    })
    .optional(),
  checks: z
    .array(
      z.looseObject({
        address: z.looseObject({ to_display: z.string() }),
        status: z.string(),
        instances: z
          .array(z.looseObject({ problems: z.array(z.looseObject({ message: z.string() })).optional() }))
          .optional(),
      }),
    )
    .optional(),
  timestamp: z.string().optional(),
  applyable: z.boolean(),
  complete: z.boolean(),
  errored: z.boolean(),
});

export type PlanJson = z.infer<typeof PlanJson>;
export type ResourceChange = z.infer<typeof ResourceChange>;
export type Change = z.infer<typeof Change>;
export type Json = z.infer<ReturnType<typeof z.json>>;
