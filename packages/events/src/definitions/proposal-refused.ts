import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { ReasonCode, RequestId, Sentence, SlackIdentity } from "../identifiers.ts";

export const ProposalRefused = defineEvent({
  type: "proposal.refused.v1",
  says: "A proposal was not taken up, because its sender or its identity is wrong. A request of that id, if there is one, is as it was.",
  sources: ["sluice.intake"],
  data: () =>
    z.strictObject({
      environment: z.string().max(20).optional().describe("Where it was asked for, as it was sent"),
      request: RequestId,
      code: ReasonCode,
      sentence: Sentence,
      who: SlackIdentity.optional(),
      partner: z.string().max(60).optional(),
    }),
  example: {
    request: "req_7k3m9qx2",
    code: "other_content",
    sentence: "This form was already sent with other content.",
    who: { team: "T024BE7LD", user: "U024CAROL" },
  },
});
