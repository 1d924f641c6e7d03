import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { ReasonCode, RequestId, Sentence, SlackIdentity } from "../identifiers.ts";

export const WithdrawalRefused = defineEvent({
  type: "withdrawal.refused.v1",
  says: "The request was not taken back and goes on.",
  sources: ["sluice.intake"],
  data: () =>
    z.strictObject({ request: RequestId, code: ReasonCode, sentence: Sentence, who: SlackIdentity.optional() }),
  example: {
    request: "req_7k3m9qx2",
    code: "too_late",
    sentence: "The apply has begun.",
    who: { team: "T024BE7LD", user: "U024CAROL" },
  },
});
