import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { RequestId } from "../identifiers.ts";

export const RequestCompleted = defineEvent({
  type: "request.completed.v1",
  says: "Every step is done. This is an end.",
  sources: ["sluice.intake"],
  data: () => z.strictObject({ request: RequestId, seconds: z.number().min(0) }),
  example: { request: "req_7k3m9qx2", seconds: 184 },
});
