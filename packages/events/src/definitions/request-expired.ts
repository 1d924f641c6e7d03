import * as z from "zod";
import { defineEvent } from "../define-event.ts";
import { RequestId } from "../identifiers.ts";

export const RequestExpired = defineEvent({
  type: "request.expired.v1",
  says: "Nobody decided in time. This is an end.",
  sources: ["sluice.intake"],
  data: () => z.strictObject({ request: RequestId, at: z.iso.datetime() }),
  example: { request: "req_7k3m9qx2", at: "2026-11-23T12:00:00.000Z" },
});
