import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { Sentence, StepRef } from "../identifiers.ts";
import { pauseReasons } from "../step-kinds.ts";

export const RequestPaused = defineEvent({
  type: "request.paused.v1",
  says: "A request waits for a person to go on or give up. It has not ended and nothing goes on by itself.",
  sources: ["sluice.intake"],
  data: () =>
    z.strictObject({
      ...StepRef.shape,
      reason: z.enum(pauseReasons),
      sentence: Sentence,
      until: z.iso.datetime().describe("When it is failed if nobody goes on"),
    }),
  example: {
    request: "req_7k3m9qx2",
    step: "apply",
    attempt: 1,
    reason: "needs_replan",
    sentence: "Apply stopped after 1 of 3 resources.",
    until: "2026-11-23T12:00:00.000Z",
  },
});
