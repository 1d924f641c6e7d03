import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { StepRef } from "../identifiers.ts";

export const RequestStalled = defineEvent({
  type: "request.stalled.v1",
  says: "A step's owner has not answered three times. The request is still open and is asked no more by itself.",
  sources: ["sluice.intake"],
  data: () =>
    z.strictObject({
      ...StepRef.shape,
      kind: z.string().max(30),
      owner: z.string().max(60),
      since: z.iso.datetime(),
    }),
  example: {
    request: "req_7k3m9qx2",
    step: "plan",
    attempt: 1,
    kind: "plan",
    owner: "sluice.provisioner",
    since: "2026-11-23T12:00:00.000Z",
  },
});
