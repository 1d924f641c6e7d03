import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { GateRef, PrincipalId, Reason } from "../identifiers.ts";

/** A decision counts. Whether it was the last one needed is told separately. */
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
      have: z.int().min(0).max(5),
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
