import { onMessage } from "@sluice/doors";
import { apply, configuration, EnvironmentName, Metadata, NonRetriableError, plan, RequestId } from "@sluice/events";
import * as z from "zod";
import { applyStep } from "../core/apply-step.ts";
import { configurationStep } from "../core/configuration-step.ts";
import { planStep } from "../core/plan-step.ts";
import { requestDue } from "../core/workspace-due.ts";
import { deps } from "../deps.ts";

const Kept = z.strictObject({
  event: z.looseObject({ type: z.string(), metadata: Metadata, data: plan.requested.data }),
});
const steps = new Map([
  [plan.requested.type as string, planStep],
  [apply.requested.type, applyStep],
  [configuration.requested.type, configurationStep],
]);

/** What the service sends to itself: what is due, and what came too early. */
export const onWakes = [
  onMessage("request.due", z.strictObject({ environment: EnvironmentName, request: RequestId }), (due) =>
    requestDue(deps, due.environment, due.request),
  ),
  onMessage("step.kept", Kept, async ({ event }) => {
    const perform = steps.get(event.type);
    if (!perform) throw new NonRetriableError("unknown_event", `No step begins with ${event.type}`);
    await perform(deps, event);
  }),
];
