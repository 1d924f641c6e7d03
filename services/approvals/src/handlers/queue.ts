import "@sluice/http-without-websockets";
import { consume } from "@sluice/doors";
import { park } from "../deps.ts";
import { onApprovalRequested } from "./on-approval-requested.ts";
import { onDecisionSubmitted } from "./on-decision-submitted.ts";
import { onGateDue } from "./on-gate-due.ts";
import { onPlanCompleted } from "./on-plan-completed.ts";
import { onRequestAccepted } from "./on-request-accepted.ts";
import { onRequestEnded } from "./on-request-ended.ts";

export const handler = consume(
  [onRequestAccepted, onApprovalRequested, onPlanCompleted, onDecisionSubmitted, onGateDue, ...onRequestEnded],
  park,
);
