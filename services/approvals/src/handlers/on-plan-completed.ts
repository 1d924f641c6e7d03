import { on } from "@sluice/doors";
import { plan } from "@sluice/events";
import { keepPlan } from "../core/request.ts";
import { deps } from "../deps.ts";

export const onPlanCompleted = on(plan.completed, ({ data }) => keepPlan(deps, data));
