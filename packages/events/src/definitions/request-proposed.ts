import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { Parameters, Reason, RequestId, SlackIdentity } from "../identifiers.ts";

export const RequestProposed = defineEvent({
  type: "request.proposed.v1",
  says: "A person has sent the form of a request. Whether they may, and whether it is right, has not been judged.",
  sources: ["sluice.intake"],
  data: () =>
    z.strictObject({
      request: RequestId.describe("Given to the form when it opened, so that one form is one request"),
      blueprint: z.string().max(40),
      environment: z.string().max(20),
      reason: Reason.optional(),
      parameters: Parameters,
      who: SlackIdentity,
      signedAt: z.iso.datetime().describe("When Slack signed it, not when we heard of it"),
    }),
  example: {
    request: "req_7k3m9qx2",
    blueprint: "probe",
    environment: "staging",
    reason: "load test for the June release",
    parameters: { name: "smoke" },
    who: { team: "T024BE7LD", user: "U024CAROL" },
    signedAt: "2026-11-23T12:00:00.000Z",
  },
});
