import "@sluice/http-without-websockets";
import { consume } from "@sluice/doors";
import { park } from "../deps.ts";
import { onApplyCompleted } from "./on-apply-completed.ts";
import { onRequestAccepted } from "./on-request-accepted.ts";
import { onRequestEnded } from "./on-request-ended.ts";
import { onScanRequested } from "./on-scan-requested.ts";
import { onWakes } from "./on-wakes.ts";

export const handler = consume(
  [onRequestAccepted, onScanRequested, onApplyCompleted, ...onRequestEnded, ...onWakes],
  park,
);
