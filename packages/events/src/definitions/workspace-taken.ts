import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { Attempt, EnvironmentName, RequestId, StepName, WorkspaceName } from "../identifiers.ts";

export const WorkspaceTaken = defineEvent({
  type: "workspace.taken.v1",
  says: "The request holds the workspace. Nothing has been done in it yet.",
  sources: ["sluice.provisioner"],
  data: () =>
    z.strictObject({
      request: RequestId,
      environment: EnvironmentName,
      workspace: WorkspaceName,
      epoch: z.int().min(0),
      step: StepName.optional(),
      attempt: Attempt.optional(),
    }),
  example: { request: "req_7k3m9qx2", environment: "staging", workspace: "probe-smoke", epoch: 0 },
});
