import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { PrincipalId, Reason, RequestId } from "../identifiers.ts";

export const RequestRejected = defineEvent({
  type: "request.rejected.v1",
  says: "An approver said no, with a reason. This is an end.",
  sources: ["sluice.intake"],
  data: () => z.strictObject({ request: RequestId, by: PrincipalId, reason: Reason }),
  example: { request: "req_7k3m9qx2", by: "person_carol", reason: "use the shared cluster" },
});
