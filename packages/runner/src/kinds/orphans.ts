import { JobFailure, sentenceOf } from "../job-failure.ts";
import { type Exact, isList, isObject } from "../json/exact-json.ts";
import { toolWords, words } from "../masking/words.ts";
import type { PlanJson } from "../terraform/plan-json.ts";
import { NOTHING_CHANGED, type RootJob } from "./open-root.ts";
import type { OwnPlan } from "./own-plan.ts";

/** Everything in the account that is tagged with the job's workspace, by ARN. */
export type TaggedResources = (job: RootJob) => Promise<readonly string[]>;

/**
 * What a killed apply made and could not write down, by ARN. The account is asked only where the root has a provider of it.
 *
 * @throws JobFailure `orphans_unknown`: without this answer a plan after an interrupted apply would say too little.
 */
export async function findOrphans(
  { plan, secrets }: Pick<OwnPlan, "plan" | "secrets">,
  tagged: TaggedResources,
  job: RootJob,
): Promise<string[]> {
  if (!usesTheAccount(plan)) return [];
  try {
    return orphansOf(plan, await tagged(job));
  } catch (cause) {
    const said = toolWords(cause instanceof Error ? cause.message : "", secrets);
    throw new JobFailure(
      "orphans_unknown",
      sentenceOf(words`What an interrupted apply left behind could not be found out. ${said}`, NOTHING_CHANGED),
      { repeatable: true, cause },
    );
  }
}

/** What is tagged with the workspace and stands in no state. A state names a thing by its ARN or, as an instance its root volume, by its id alone. */
export function orphansOf({ prior_state }: Pick<PlanJson, "prior_state">, tagged: readonly string[]): string[] {
  const known = new Set(textsIn(prior_state));
  return tagged.filter(
    (arn) => !known.has(arn) && !known.has(arn.slice(Math.max(arn.lastIndexOf("/"), arn.lastIndexOf(":")) + 1)),
  );
}

/** A root without a provider of AWS, such as the probe's, cannot have left anything in the account. Where the plan does not say, we ask. */
function usesTheAccount({ configuration }: PlanJson): boolean {
  const providers = isObject(configuration) ? configuration.provider_config : undefined;
  if (!isObject(providers)) return true;
  return Object.values(providers).some(
    (provider) => isObject(provider) && String(provider.full_name).endsWith("/hashicorp/aws"),
  );
}

function* textsIn(value: Exact | undefined): Generator<string> {
  if (typeof value === "string") yield value;
  else if (isList(value)) for (const each of value) yield* textsIn(each);
  else if (isObject(value)) for (const each of Object.values(value)) yield* textsIn(each);
}
