import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { EnvironmentName, ReasonCode, RequestId, Sentence, SlackIdentity, WorkspaceName } from "../identifiers.ts";

export const UnlockRefused = defineEvent({
  type: "unlock.refused.v1",
  says: "The workspace was not unlocked and is as it was.",
  sources: ["sluice.provisioner"],
  data: () =>
    z.strictObject({
      request: RequestId,
      environment: EnvironmentName,
      workspace: WorkspaceName,
      code: ReasonCode,
      sentence: Sentence,
      who: SlackIdentity,
    }),
  example: {
    request: "req_7k3m9qx2",
    environment: "staging",
    workspace: "probe-smoke",
    code: "not_an_operator",
    sentence: "Only operators can unlock a workspace.",
    who: { team: "T024BE7LD", user: "U024CAROL" },
  },
});
