import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { EnvironmentName, Reason, RequestId, SlackIdentity, WorkspaceName } from "../identifiers.ts";

export const UnlockSubmitted = defineEvent({
  type: "unlock.submitted.v1",
  says: "Somebody asked to unlock a blocked workspace. It is still blocked.",
  sources: ["sluice.intake"],
  data: () =>
    z.strictObject({
      request: RequestId.describe("Whose apply blocked it"),
      environment: EnvironmentName,
      workspace: WorkspaceName,
      reason: Reason.min(1),
      who: SlackIdentity,
      signedAt: z.iso.datetime().describe("When Slack signed it, not when we heard of it"),
    }),
  example: {
    request: "req_7k3m9qx2",
    environment: "staging",
    workspace: "probe-smoke",
    reason: "looked at the account: nothing was left",
    who: { team: "T024BE7LD", user: "U024CAROL" },
    signedAt: "2026-11-23T12:00:00.000Z",
  },
});
