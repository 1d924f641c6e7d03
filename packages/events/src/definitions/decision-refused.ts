import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { GateRef, PrincipalId, SlackIdentity } from "../identifiers.ts";

export const DecisionRefused = defineEvent({
  type: "decision.refused.v1",
  says: "A decision does not count, for the reason given. The gate is as it was.",
  sources: ["sluice.approvals"],
  data: () =>
    z.strictObject({
      gate: GateRef,
      code: z.enum([
        "closed",
        "older_attempt",
        "expired",
        "stale",
        "unknown_person",
        "own_request",
        "not_an_approver",
        "reason_missing",
      ]),
      who: SlackIdentity,
      decided: z
        .strictObject({
          by: PrincipalId.optional(),
          how: z.enum(["approved", "rejected", "expired", "superseded", "ended"]),
          at: z.iso.datetime(),
        })
        .optional(),
      approvers: z.array(PrincipalId).max(10),
      groups: z.array(z.string().max(40)).max(5),
    }),
  example: {
    gate: { request: "req_7k3m9qx2", step: "approve", attempt: 1 },
    code: "own_request",
    who: { team: "T024BE7LD", user: "U024CAROL" },
    approvers: ["person_carol", "person_dan"],
    groups: ["infrastructure"],
  },
});
