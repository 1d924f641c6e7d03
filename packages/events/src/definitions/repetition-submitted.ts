import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { SlackIdentity, StepRef } from "../identifiers.ts";

export const RepetitionSubmitted = defineEvent({
  type: "repetition.submitted.v1",
  says: "Somebody asked for another attempt of a step. Nothing has been repeated yet.",
  sources: ["sluice.intake"],
  data: () =>
    z.strictObject({
      ...StepRef.shape,
      who: SlackIdentity,
      signedAt: z.iso.datetime().describe("When Slack signed it, not when we heard of it"),
    }),
  example: {
    request: "req_7k3m9qx2",
    step: "plan",
    attempt: 1,
    who: { team: "T024BE7LD", user: "U024CAROL" },
    signedAt: "2026-11-23T12:00:00.000Z",
  },
});
