import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { EnvironmentName, PrincipalId, Reason, RequestId, SlackIdentity, WorkspaceName } from "../identifiers.ts";

export const ClosingRequested = defineEvent({
  type: "closing.requested.v1",
  says: "A request is to be closed, if its apply has not begun. It is still open.",
  sources: ["sluice.intake"],
  data: () =>
    z.strictObject({
      request: RequestId,
      environment: EnvironmentName,
      workspace: WorkspaceName,
      by: PrincipalId,
      reason: Reason.optional(),
      who: SlackIdentity.optional(),
    }),
  example: { request: "req_7k3m9qx2", environment: "staging", workspace: "probe-smoke", by: "person_ada" },
});
