import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { EnvironmentName, PrincipalId, Reason, RequestId, WorkspaceName } from "../identifiers.ts";

export const WorkspaceUnlocked = defineEvent({
  type: "workspace.unlocked.v1",
  says: "An operator unlocked the workspace, with a reason. Terraform's own lock is cleared by the next plan.",
  sources: ["sluice.provisioner"],
  data: () =>
    z.strictObject({
      request: RequestId,
      environment: EnvironmentName,
      workspace: WorkspaceName,
      by: PrincipalId,
      reason: Reason,
      epoch: z.int().min(0),
    }),
  example: {
    request: "req_7k3m9qx2",
    environment: "staging",
    workspace: "probe-smoke",
    by: "person_dan",
    reason: "looked at the account: nothing was left",
    epoch: 2,
  },
});
