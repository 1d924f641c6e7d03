import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { RequestId } from "../identifiers.ts";

export const ClosingRefused = defineEvent({
  type: "closing.refused.v1",
  says: "It was too late to close the request: its apply has begun. It goes on.",
  sources: ["sluice.provisioner"],
  data: () => z.strictObject({ request: RequestId, code: z.enum(["applying", "applied"]) }),
  example: { request: "req_7k3m9qx2", code: "applying" },
});
