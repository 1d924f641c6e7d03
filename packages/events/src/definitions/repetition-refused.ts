import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { ReasonCode, Sentence, SlackIdentity, StepRef } from "../identifiers.ts";

export const RepetitionRefused = defineEvent({
  type: "repetition.refused.v1",
  says: "No new attempt was made. The request is as it was.",
  sources: ["sluice.intake", "sluice.provisioner"],
  data: () => z.strictObject({ ...StepRef.shape, code: ReasonCode, sentence: Sentence, who: SlackIdentity.optional() }),
  example: {
    request: "req_7k3m9qx2",
    step: "plan",
    attempt: 1,
    code: "apply_under_way",
    sentence: "An apply is under way.",
    who: { team: "T024BE7LD", user: "U024CAROL" },
  },
});
