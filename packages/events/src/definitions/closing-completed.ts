import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { RequestId } from "../identifiers.ts";

export const ClosingCompleted = defineEvent({
  type: "closing.completed.v1",
  says: "The request can start nothing any more, and no build of it is alive.",
  sources: ["sluice.provisioner"],
  data: () => z.strictObject({ request: RequestId }),
  example: { request: "req_7k3m9qx2" },
});
