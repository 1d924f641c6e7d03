import "@sluice/http-without-websockets";
import { consume } from "@sluice/doors";
import { park } from "../deps.ts";
import { onClosing } from "./on-closing.ts";
import { onRequestProposed } from "./on-proposal.ts";
import { onRepetition } from "./on-repetition.ts";
import { onRequestDue } from "./on-request-due.ts";
import { onApplied, onStep } from "./on-step.ts";

export const handler = consume(
  [onRequestProposed, ...onStep, onApplied, ...onClosing, ...onRepetition, onRequestDue],
  park,
);
