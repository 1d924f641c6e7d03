import type { ApplyInput, JobItem } from "@sluice/jobs";
import { type GrantExpectation, grantedPlan } from "@sluice/steps";
import { JobFailure } from "./job-failure.ts";
import { words } from "./masking/words.ts";

/** What the grant must say by the job's input. */
export function expectedByInput({ request, itinerary, environment, workspace, plan }: ApplyInput): GrantExpectation {
  return { request, itinerary, environment, workspace, plan: grantedPlan(plan, plan.output) };
}

/**
 * What the grant must say by the job's own item, where its owner put it when it claimed the job: by its own record of the acceptance and of the plan.
 *
 * @throws JobFailure `grant_of_another_plan` when the item says nothing of a grant
 */
export function expectedByItem({ grant }: JobItem): GrantExpectation {
  if (!grant)
    throw new JobFailure(
      "grant_of_another_plan",
      words`The approval is of a plan that is not known. Nothing was changed.`,
    );
  return grant;
}
