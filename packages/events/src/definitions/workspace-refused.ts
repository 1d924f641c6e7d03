import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { EnvironmentName, Sentence, StepRef, WorkspaceName } from "../identifiers.ts";

export const WorkspaceRefused = defineEvent({
  type: "workspace.refused.v1",
  says: "The workspace was changed since by another request, so the repeat was not started. The request ends as failed.",
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
    step: "configure",
    attempt: 2,
    environment: "staging",
    workspace: "vm-web-7",
    sentence: "Changed since by another request.",
  },
});
