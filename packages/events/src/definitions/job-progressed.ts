import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { StepRef } from "../identifiers.ts";

export const JobProgressed = defineEvent({
  type: "job.progressed.v1",
  says: "A build says what its tool is doing now. Nothing follows from it.",
  sources: ["sluice.provisioner", "sluice.compliance"],
  data: () =>
    z.strictObject({
      ...StepRef.shape,
      sequence: z.int().min(1).describe("Grows within a build"),
      doing: z.string().min(1).max(160),
      seconds: z.number().min(0).optional(),
    }),
  example: {
    request: "req_7k3m9qx2",
    step: "apply",
    attempt: 1,
    sequence: 4,
    doing: "Creating aws_instance.host",
    seconds: 20,
  },
});
