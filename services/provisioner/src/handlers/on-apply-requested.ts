import { on } from "@sluice/doors";
import { apply } from "@sluice/events";
import { applyStep } from "../core/apply-step.ts";
import { deps } from "../deps.ts";

export const onApplyRequested = on(apply.requested, (event) => applyStep(deps, event));
