import * as z from "zod";
import { Parameters, Reason } from "./identifiers.ts";

/**
 * What another system puts on the bus as `request.proposed.v1` from its own `partner.<name>` source: data alone.
 * Ids and actor are made by intake; whatever else it claims is not asked for.
 */
export const PartnerProposal = z.strictObject({
  data: z.strictObject({
    reference: z
      .string()
      .regex(/^[\w.:/-]{1,100}$/)
      .describe("The partner's own id: the same reference is the same request"),
    blueprint: z.string().max(40),
    environment: z.string().max(20),
    reason: Reason.optional(),
    parameters: Parameters,
    onBehalfOf: z
      .string()
      .max(60)
      .optional()
      .describe(
        "The id of the person whom it is for, needed where people approve. Counts as requester for four-eyes and gains no right",
      ),
  }),
});
export type PartnerProposal = z.infer<typeof PartnerProposal>;

/** The detail-type that partners use, and where it may come from. */
export const partnerPattern = {
  source: [{ prefix: "partner." }],
  "detail-type": ["request.proposed.v1"],
  "replay-name": [{ exists: false }],
} as const;
