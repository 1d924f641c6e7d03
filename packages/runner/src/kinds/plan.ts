import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PlanOutput } from "@sluice/events";
import { stateKey } from "@sluice/jobs";
import * as z from "zod";
import { type Build, planKey, resultKey } from "../build.ts";
import { JobFailure, sentenceOf } from "../job-failure.ts";
import { parseExact } from "../json/exact-json.ts";
import { type Secrets, secretsOf } from "../masking/secrets.ts";
import { openText, toolWords, type Words, words } from "../masking/words.ts";
import type { PlanPage } from "../plan-page/page.ts";
import { pageBytes, planPage, summaryOf } from "../plan-page/plan-page.ts";
import { contentDigest } from "../terraform/content-digest.ts";
import { planFault } from "../terraform/plan-faults.ts";
import type { PlanJson } from "../terraform/plan-json.ts";
import type { BuildTimes } from "../terraform/state-lock.ts";
import { clearLock } from "./clear-lock.ts";
import { NOTHING_CHANGED, openRoot, type RootJob, refuseUnlessOk, secretsOfFailed } from "./open-root.ts";

const PLAN_FILE = "plan.tfplan";

export type PlanJob = RootJob &
  Readonly<{
    epoch: number;
    searchOrphans: boolean;
    lastBuild?: BuildTimes | undefined;
  }>;

/** Everything in the account that is tagged with the job's workspace, by ARN. */
export type TaggedResources = (job: RootJob) => Promise<readonly string[]>;

/**
 * A plan, shown once: its file, its digest and its page are of one reading.
 *
 * @throws JobFailure when there is no plan that people could decide on.
 */
export async function makePlan(build: Build, job: PlanJob, tagged: TaggedResources): Promise<PlanOutput> {
  const { tool, path, secrets: known } = await openRoot(build, job);
  await clearLock(build, tool, job, job.lastBuild);
  build.say({ doing: words`Planning` });
  const { destroy = false, searchOrphans } = job;
  const ran = await tool.plan(PLAN_FILE, { interrupt: build.interrupt, onDoing: build.say }, { destroy });
  const shown = async () => parseExact(JSON.stringify(await tool.show(PLAN_FILE)));
  if (!ran.ok) refuseUnlessOk(ran, "plan", await secretsOfFailed(known, shown));

  const plan = await tool.show(PLAN_FILE);
  const secrets = secretsOf(parseExact(JSON.stringify(plan)), known);
  const fault = planFault(plan);
  if (fault)
    throw new JobFailure("plan_incomplete", sentenceOf(toolWords(fault, secrets), NOTHING_CHANGED), {
      repeatable: true,
    });
  const orphans = searchOrphans && usesTheAccount(plan) ? orphansOf(plan, await askedFor(tagged, job, secrets)) : [];
  const page = shownPage(plan, orphans, secrets);
  // After an interrupted apply an empty plan is an answer: it may have removed everything.
  if (destroy && page.empty && !searchOrphans) throw new JobFailure("nothing_to_remove", nothingToRemove(job));

  const state = await stateOf(build, job);
  return {
    file: await build.plans.put(planKey(build.config), await readFile(join(path, PLAN_FILE))),
    page: await build.jobs.put(resultKey(build.config, "page.json"), pageBytes(page).bytes),
    contentDigest: contentDigest(plan),
    ...summaryOf(page),
    ...(state && { state }),
    epoch: job.epoch,
    tools: { terraform: plan.terraform_version },
  };
}

function nothingToRemove({ workspace, environment }: RootJob): Words {
  return words`There is nothing of ${openText(workspace)} in ${openText(environment)} that could be removed. Look at its name. ${NOTHING_CHANGED}`;
}

/** A root without a provider of AWS, such as the probe's, cannot have left anything in the account. Where the plan does not say, we ask. */
function usesTheAccount({ configuration }: PlanJson): boolean {
  const providers = configuration?.provider_config;
  return !providers || Object.values(providers).some(({ full_name }) => full_name?.endsWith("/hashicorp/aws"));
}

/** @throws JobFailure `orphans_unknown`: without this answer a plan after an interrupted apply would say too little. */
async function askedFor(tagged: TaggedResources, job: RootJob, secrets: Secrets): Promise<readonly string[]> {
  try {
    return await tagged(job);
  } catch (cause) {
    const said = toolWords(cause instanceof Error ? cause.message : "", secrets);
    throw new JobFailure(
      "orphans_unknown",
      sentenceOf(words`What an interrupted apply left behind could not be found out. ${said}`, NOTHING_CHANGED),
      { repeatable: true, cause },
    );
  }
}

/** @throws JobFailure `plan_not_understood`: what cannot be shown cannot be approved. */
function shownPage(plan: PlanJson, orphans: readonly string[], secrets: Secrets): PlanPage {
  try {
    return planPage(plan, orphans);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : "The plan cannot be shown.";
    throw new JobFailure("plan_not_understood", sentenceOf(toolWords(said, secrets), NOTHING_CHANGED), { cause });
  }
}

/**
 * What is tagged with the workspace and stands in no state: a killed apply made it and could not write it down. A state names a thing by its ARN or,
 * as an instance its root volume, by its id alone.
 */
export function orphansOf({ prior_state }: Pick<PlanJson, "prior_state">, tagged: readonly string[]): string[] {
  const known = new Set<unknown>();
  JSON.stringify(prior_state ?? null, (_, value) => {
    if (typeof value === "string") known.add(value);
    return value;
  });
  return tagged.filter(
    (arn) => !known.has(arn) && !known.has(arn.slice(Math.max(arn.lastIndexOf("/"), arn.lastIndexOf(":")) + 1)),
  );
}

const State = z.looseObject({ lineage: z.string().max(60), serial: z.int().min(0) });

/** Which state the plan was made on. The state itself holds secrets: nothing else of it is kept. */
async function stateOf(build: Build, job: RootJob): Promise<PlanOutput["state"]> {
  const text = await build.states.latest(stateKey(job.environment, job.workspace));
  if (text === undefined) return undefined;
  const { lineage, serial } = State.parse(JSON.parse(text));
  return { lineage, serial };
}
