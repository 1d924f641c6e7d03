import { onMessage } from "@sluice/doors";
import { EnvironmentName, Metadata, RequestId, scan } from "@sluice/events";
import * as z from "zod";
import { scanStep } from "../core/scan-step.ts";
import { settleRequest } from "../core/settle-scan.ts";
import { deps } from "../deps.ts";

const Kept = z.strictObject({
  event: z.looseObject({ type: z.literal(scan.requested.type), metadata: Metadata, data: scan.requested.data }),
});

/** What the service sends to itself: what is due, and what came too early. */
export const onWakes = [
  onMessage("request.due", z.strictObject({ environment: EnvironmentName, request: RequestId }), (due) =>
    settleRequest(deps, due.environment, due.request),
  ),
  onMessage("step.kept", Kept, ({ event }) => scanStep(deps, event)),
];
