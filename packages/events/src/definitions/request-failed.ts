import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { ReasonCode, Sentence, StepRef } from "../identifiers.ts";

export const RequestFailed = defineEvent({
  type: "request.failed.v1",
  says: "A step ended the request. This is an end; the sentence says what was changed.",
  sources: ["sluice.intake"],
  data: () => z.strictObject({ ...StepRef.shape, code: ReasonCode, sentence: Sentence }),
  example: {
    request: "req_7k3m9qx2",
    step: "plan",
    attempt: 1,
    code: "terraform_failed",
    sentence: "variable size in main.tf line 12: huge is not allowed. Nothing was changed.",
  },
});
