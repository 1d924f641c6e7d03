import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { EnvironmentName, StepRef, WorkspaceName } from "../identifiers.ts";

export const WorkspaceRequested = defineEvent({
  type: "workspace.requested.v1",
  says: "A paused request asks for its workspace again, for a repeat of a step. It does not hold it yet.",
  sources: ["sluice.intake"],
  data: () => z.strictObject({ ...StepRef.shape, environment: EnvironmentName, workspace: WorkspaceName }),
  example: { request: "req_7k3m9qx2", step: "configure", attempt: 2, environment: "staging", workspace: "vm-web-7" },
});
