import type { PlanJson } from "./plan-json.ts";

/** Why a plan must not be shown to anybody for approval, in a sentence, or nothing. Terraform itself only warns of a failed check. */
export function planFault(plan: PlanJson): string | undefined {
  if (plan.errored) return "Terraform ended the plan with an error.";
  if (!plan.complete) return "Terraform left a part of the plan for later, so it does not say all that would happen.";
  for (const { address, status, instances } of plan.checks ?? []) {
    if (status !== "fail" && status !== "error") continue;
    const problem = instances?.flatMap((each) => each.problems ?? [])[0]?.message;
    return `The check ${address.to_display} fails${problem ? `: ${problem}` : "."}`;
  }
  return undefined;
}
