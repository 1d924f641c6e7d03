import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { ReasonCode, RequestId, Sentence, SlackIdentity } from "../identifiers.ts";

export const RequestRefused = defineEvent({
  type: "request.refused.v1",
  says: "A well-formed request was refused before any step, with the reason. This is an end; nothing was changed.",
  sources: ["sluice.intake"],
  data: () =>
    z.strictObject({
      environment: z.string().max(20).optional().describe("Where it was asked for, as it was sent"),
      request: RequestId,
      code: ReasonCode,
      sentence: Sentence,
      field: z.string().max(40).optional(),
      who: SlackIdentity.optional(),
    }),
  example: {
    request: "req_7k3m9qx2",
    code: "may_not_ask",
    sentence: "You may not ask for virtual machines in production.",
    who: { team: "T024BE7LD", user: "U024CAROL" },
  },
});
