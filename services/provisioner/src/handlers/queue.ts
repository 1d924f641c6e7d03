import "@sluice/http-without-websockets";
import { consume } from "@sluice/doors";
import { park } from "../deps.ts";
import { onApplyRequested } from "./on-apply-requested.ts";
import { onClosingRequested } from "./on-closing-requested.ts";
import { onConfigurationRequested } from "./on-configuration-requested.ts";
import { onPlanRequested } from "./on-plan-requested.ts";
import { onRequestAccepted } from "./on-request-accepted.ts";
import { onRequestEnded } from "./on-request-ended.ts";
import { onRequestPaused } from "./on-request-paused.ts";
import { onUnlockSubmitted } from "./on-unlock-submitted.ts";
import { onWakes } from "./on-wakes.ts";
import { onWorkspaceRequested } from "./on-workspace-requested.ts";

export const handler = consume(
  [
    onRequestAccepted,
    onPlanRequested,
    onApplyRequested,
    onConfigurationRequested,
    onRequestPaused,
    onWorkspaceRequested,
    onClosingRequested,
    onUnlockSubmitted,
    ...onRequestEnded,
    ...onWakes,
  ],
  park,
);
