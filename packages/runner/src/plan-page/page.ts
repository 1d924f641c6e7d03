import * as z from "zod";

/** A value as people see it. What is sensitive or not known yet says so and carries nothing. */
export const ShownValue = z.union([
  z.strictObject({ value: z.json() }),
  z.strictObject({ hidden: z.enum(["sensitive", "unknown"]) }),
]);

/** One attribute that changes. A side that is absent has no such attribute. */
export const ShownAttribute = z.strictObject({
  path: z.string().describe("Such as tags.owner or root_block_device[0].volume_size; empty for the value itself"),
  before: ShownValue.optional(),
  after: ShownValue.optional(),
  forcesReplacement: z.literal(true).optional(),
});

/** In the order of a page: what takes away first. */
export const shownActions = ["destroy", "forget", "replace", "update", "create", "import", "move", "read"] as const;

export const ShownResource = z.strictObject({
  address: z.string(),
  action: z.enum(shownActions),
  reason: z.string().optional().describe("Why Terraform destroys or replaces it, in words"),
  movedFrom: z.string().optional(),
  importedId: z.string().optional(),
  deposed: z.string().optional().describe("An earlier object that a replacement left behind"),
  createsFirst: z.literal(true).optional().describe("A replacement that makes the new one before it destroys the old"),
  attributes: z.array(ShownAttribute),
  unknown: z.int().min(0).describe("Attributes that are known after apply only and are not listed"),
});

const ShownOutput = z.strictObject({ name: z.string(), attributes: z.array(ShownAttribute).min(1) });
const ShownDrift = z.strictObject({
  address: z.string(),
  action: z.enum(["destroy", "update"]),
  attributes: z.array(ShownAttribute),
});
const Count = z.int().min(0);

/**
 * What *See plan* shows and what an approver signs for, by the hash of its bytes. Made of `terraform show -json` alone, but for the orphans:
 * whoever has the plan file and the orphans makes the same bytes.
 */
export const PlanPage = z.strictObject({
  version: z.literal(1),
  terraform: z.string(),
  empty: z.boolean().describe("No resource and no output changes"),
  counts: z.strictObject({ add: Count, change: Count, destroy: Count, replace: Count, forget: Count, import: Count }),
  orphans: z.array(z.string()).describe("ARNs of what is tagged with this workspace in the account, but in no state"),
  resources: z.array(ShownResource),
  outputs: z.array(ShownOutput),
  drift: z.array(ShownDrift).describe("What somebody changed outside of Terraform"),
});
export type PlanPage = z.infer<typeof PlanPage>;
export type ShownValue = z.infer<typeof ShownValue>;
export type ShownAttribute = z.infer<typeof ShownAttribute>;
export type ShownResource = z.infer<typeof ShownResource>;
