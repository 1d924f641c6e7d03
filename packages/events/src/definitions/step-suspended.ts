import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { RequestId, StepRef } from "../identifiers.ts";

export const StepSuspended = defineEvent({
  type: "step.suspended.v1",
  says: "A step cannot go on yet and says what it waits for. It goes on by itself.",
  sources: ["sluice.provisioner", "sluice.compliance"],
  data: () =>
    z.strictObject({
      ...StepRef.shape,
      waitsFor: z.enum(["workspace", "build"]),
      holder: RequestId.optional(),
      position: z.int().min(1).optional().describe("1 is next"),
    }),
  example: {
    request: "req_7k3m9qx2",
    step: "plan",
    attempt: 1,
    waitsFor: "workspace",
    holder: "req_0a1b2c3d",
    position: 1,
  },
});
