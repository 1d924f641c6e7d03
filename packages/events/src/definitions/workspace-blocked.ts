import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { EnvironmentName, Sentence, StepRef, WorkspaceName } from "../identifiers.ts";

export const WorkspaceBlocked = defineEvent({
  type: "workspace.blocked.v1",
  says: "An apply ended without a clean report, so nobody may apply here until a new plan of the same request is approved or an operator unlocks it.",
  sources: ["sluice.provisioner"],
  data: () =>
    z.strictObject({
      ...StepRef.shape,
      environment: EnvironmentName,
      workspace: WorkspaceName,
      sentence: Sentence,
    }),
  example: {
    request: "req_7k3m9qx2",
    step: "apply",
    attempt: 1,
    environment: "staging",
    workspace: "probe-smoke",
    sentence: "The build was killed in the middle of an apply.",
  },
});
