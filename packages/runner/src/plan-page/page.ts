import { PlanRisk } from "@sluice/events";
import * as z from "zod";

/**
 * A value as people see it: a leaf of a plan, or why it is not shown. A number is its shortest plain decimal, every digit of it.
 * `marked`: Terraform says that it is sensitive; `equal`: it equals, or holds, a value that is; `unknown`: only the apply will know it.
 */
export const ShownValue = z.union([
  z.strictObject({ value: z.union([z.string(), z.boolean(), z.null(), z.tuple([]), z.strictObject({})]) }),
  z.strictObject({ number: z.string() }),
  z.strictObject({ hidden: z.enum(["marked", "equal", "unknown"]) }),
]);

/** One attribute that changes or is written again. A side that is absent has no such attribute. */
export const ShownAttribute = z.strictObject({
  path: z.string().describe("Such as tags.owner or root_block_device[0].volume_size; empty for the value itself"),
  before: ShownValue.optional(),
  after: ShownValue.optional(),
  forcesReplacement: z.literal(true).optional(),
});

/** In the order of a page: what takes away first. */
export const shownActions = ["destroy", "forget", "replace", "update", "create", "import", "move", "read"] as const;

/** What an approver must not overlook, by a stable code. Its words are for whoever shows it. */
export const riskCodes = PlanRisk.shape.code.options;
export type RiskCode = (typeof riskCodes)[number];

export const ShownResource = z.strictObject({
  address: z.string(),
  type: z.string(),
  action: z.enum(shownActions),
  reason: z.string().optional().describe("Why Terraform destroys or replaces it, in words"),
  movedFrom: z.string().optional(),
  importedId: z.string().optional(),
  deposed: z.string().optional().describe("An earlier object that a replacement left behind"),
  createsFirst: z.literal(true).optional().describe("A replacement that makes the new one before it destroys the old"),
  attributes: z.array(ShownAttribute),
  gone: z.array(ShownAttribute).optional().describe("What goes: what names it, and what decides how it goes"),
  risks: z.array(z.strictObject({ code: z.enum(riskCodes), path: z.string().optional() })).optional(),
});

export const ShownOutput = z.strictObject({
  name: z.string(),
  action: z.enum(["create", "update", "destroy"]),
  attributes: z.array(ShownAttribute),
});

const ShownDrift = z.strictObject({
  address: z.string(),
  action: z.enum(["destroy", "update"]),
  attributes: z.array(ShownAttribute),
});

const ShownBefore = z.strictObject({
  address: z.string(),
  path: z.string(),
  before: z.string().describe("JSON of what was there, or why it is not shown"),
});

/**
 * What *See plan* shows and what an approver signs for, by the hash of its bytes. `change` is made of the plan's change list alone, and made again by the
 * apply from its own plan. `seen` is what was true when the plan was made: the apply takes it from the signed page, and refuses nothing because of it.
 */
export const PlanPage = z.strictObject({
  version: z.literal(1),
  change: z.strictObject({ resources: z.array(ShownResource), outputs: z.array(ShownOutput) }),
  seen: z.strictObject({
    terraform: z.string(),
    orphans: z.array(z.string()).describe("ARNs of what is tagged with this workspace in the account, but in no state"),
    drift: z.array(ShownDrift).describe("What somebody changed outside of Terraform"),
    warnings: z.array(z.string()).describe("Of Terraform and its providers, in their own words"),
    checks: z.array(z.string()).describe("Checks of the configuration that do not hold, in their own words"),
    before: z.array(ShownBefore).describe("What was there before a value that only the apply will know"),
  }),
});
export type PlanPage = z.infer<typeof PlanPage>;
export type ShownValue = z.infer<typeof ShownValue>;
export type ShownAttribute = z.infer<typeof ShownAttribute>;
export type ShownResource = z.infer<typeof ShownResource>;
export type ShownOutput = z.infer<typeof ShownOutput>;
export type Seen = PlanPage["seen"];
