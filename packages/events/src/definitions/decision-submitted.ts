import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { GateRef, Reason, SlackIdentity } from "../identifiers.ts";

export const DecisionSubmitted = defineEvent({
  type: "decision.submitted.v1",
  says: "Somebody pressed Approve or sent a rejection. Whether they may decide has not been judged.",
  sources: ["sluice.intake"],
  data: () =>
    z.strictObject({
      gate: GateRef,
      verdict: z.enum(["approve", "reject"]),
      reason: Reason.optional(),
      who: SlackIdentity,
      signedAt: z.iso.datetime().describe("When Slack signed it, not when we heard of it"),
    }),
  example: {
    gate: { request: "req_7k3m9qx2", step: "approve", attempt: 1 },
    verdict: "approve",
    who: { team: "T024BE7LD", user: "U024CAROL" },
    signedAt: "2026-11-23T12:00:00.000Z",
  },
});
