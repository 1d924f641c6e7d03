import { on } from "@sluice/doors";
import { plan } from "@sluice/events";
import { planStep } from "../core/plan-step.ts";
import { deps } from "../deps.ts";

export const onPlanRequested = on(plan.requested, (event) => planStep(deps, event));
