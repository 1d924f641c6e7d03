import { onMessage } from "@sluice/doors";
import { GateRef } from "@sluice/events";
import * as z from "zod";
import { expireGate } from "../core/expire-gate.ts";
import { deps } from "../deps.ts";

export const onGateDue = onMessage("gate.due", z.strictObject({ gate: GateRef }), ({ gate }) => expireGate(deps, gate));
