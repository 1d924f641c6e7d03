import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { exampleSlip } from "../define-step.ts";
import { Sha256 } from "../identifiers.ts";
import { Itinerary } from "../slip.ts";

export const RequestAccepted = defineEvent({
  type: "request.accepted.v1",
  says: "A request was taken up and its itinerary is fixed. No step has been done yet.",
  sources: ["sluice.intake"],
  data: () =>
    z.strictObject({
      itinerary: Itinerary,
      digest: Sha256.describe("SHA-256 of the itinerary's RFC 8785 JSON"),
      channel: z.string().max(80).optional().describe("The label of the place that hears about it"),
    }),
  example: { itinerary: exampleSlip.itinerary, digest: "0".repeat(64) },
});
