import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { PrincipalId, Reason, RequestId } from "../identifiers.ts";

export const RequestWithdrawn = defineEvent({
  type: "request.withdrawn.v1",
  says: "The request was taken back and no build of it is alive. This is an end.",
  sources: ["sluice.intake"],
  data: () => z.strictObject({ request: RequestId, by: PrincipalId, reason: Reason.optional() }),
  example: { request: "req_7k3m9qx2", by: "person_ada" },
});
