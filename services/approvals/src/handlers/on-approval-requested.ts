import { on } from "@sluice/doors";
import { ApprovalRequested } from "@sluice/events";
import { askForGate } from "../core/request.ts";
import { deps } from "../deps.ts";

export const onApprovalRequested = on(ApprovalRequested, (event) => askForGate(deps, event));
