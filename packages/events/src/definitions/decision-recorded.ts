import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { GateRef, PrincipalId, Reason } from "../identifiers.ts";

export const DecisionRecorded = defineEvent({
  type: "decision.recorded.v1",
  says: "A decision counts. Whether it was the last one needed is told separately.",
  sources: ["sluice.approvals"],
  data: () =>
    z.strictObject({
      gate: GateRef,
      by: PrincipalId,
      verdict: z.enum(["approve", "reject"]),
      reason: Reason.optional(),
      lapsed: z
        .array(PrincipalId)
        .max(20)
        .optional()
        .describe("Who had approved before and may not any more by the directory of this decision: they do not count"),
      have: z.int().min(0).max(5).describe("Approvals that count, this one among them"),
      needed: z.int().min(1).max(5),
      at: z.iso.datetime(),
    }),
  example: {
    gate: { request: "req_7k3m9qx2", step: "approve", attempt: 1 },
    by: "person_carol",
    verdict: "approve",
    have: 1,
    needed: 1,
    at: "2026-11-23T12:00:00.000Z",
  },
});
