import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { Reason, RequestId, SlackIdentity } from "../identifiers.ts";

export const WithdrawalSubmitted = defineEvent({
  type: "withdrawal.submitted.v1",
  says: "Somebody pressed Withdraw. Nothing has been closed yet.",
  sources: ["sluice.intake"],
  data: () =>
    z.strictObject({
      request: RequestId,
      reason: Reason.optional(),
      who: SlackIdentity,
      signedAt: z.iso.datetime().describe("When Slack signed it, not when we heard of it"),
    }),
  example: {
    request: "req_7k3m9qx2",
    who: { team: "T024BE7LD", user: "U024CAROL" },
    signedAt: "2026-11-23T12:00:00.000Z",
  },
});
