import { PlanOutput } from "@sluice/events";
import { type ApplyInput, type JobStore, jobKey, outcomeKey } from "@sluice/jobs";
import { type GrantExpectation, grantedPlan } from "@sluice/steps";
import * as z from "zod";
import { JobFailure } from "./job-failure.ts";
import { words } from "./masking/words.ts";

/** What the grant must say by the job's input. */
export function expectedByInput({ request, itinerary, environment, workspace, plan }: ApplyInput): GrantExpectation {
  return { request, itinerary, environment, workspace, plan: grantedPlan(plan, plan.output) };
}

const Outcome = z.looseObject({ outcome: z.looseObject({ output: PlanOutput }) });

/**
 * What the grant must say by the owner's own item: the digest that was accepted, the plan that this apply was claimed for, and how that plan ended.
 *
 * @throws JobFailure `grant_of_another_plan` when the item knows no such plan
 */
export async function expectedByItem(store: JobStore, input: ApplyInput): Promise<GrantExpectation> {
  const item = await store.request(input.environment, input.request);
  const plan = item?.jobs[jobKey(input)]?.plan;
  const told =
    plan && Outcome.safeParse(await store.beside(outcomeKey(input.environment, input.request, jobKey(plan)))).data;
  if (!item?.digest || !plan || !told)
    throw new JobFailure(
      "grant_of_another_plan",
      words`The approval is of a plan that is not known. Nothing was changed.`,
    );
  return {
    request: item.request,
    itinerary: item.digest,
    environment: item.environment,
    workspace: item.workspace,
    plan: grantedPlan(plan, told.outcome.output),
  };
}
