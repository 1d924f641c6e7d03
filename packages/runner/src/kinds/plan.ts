import { randomBytes } from "node:crypto";
import type { PlanOutput } from "@sluice/events";
import { stateKey } from "@sluice/jobs";
import * as z from "zod";
import { type Build, digestKeyOf, ownKey } from "../build.ts";
import { KEY_BYTES } from "../change/change-digest.ts";
import { JobFailure } from "../job-failure.ts";
import { openText, type Words, words } from "../masking/words.ts";
import { pageBytes, planPage } from "../plan-page/plan-page.ts";
import { failingChecks, seenWith } from "../plan-page/seen.ts";
import { summaryOf } from "../plan-page/summary.ts";
import type { BuildTimes } from "../terraform/state-lock.ts";
import { digestKeyText } from "./approved-plan.ts";
import { clearLock } from "./clear-lock.ts";
import { NOTHING_CHANGED, openRoot, type RootJob } from "./open-root.ts";
import { findOrphans, type TaggedResources } from "./orphans.ts";
import { digestsOf, makeOwnPlan } from "./own-plan.ts";

const PLAN_FILE = "plan.tfplan";

export type PlanJob = RootJob &
  Readonly<{
    epoch: number;
    searchOrphans: boolean;
    lastBuild?: BuildTimes | undefined;
  }>;

/**
 * A plan, read once: its page, its summary and its digest are of one reading. The plan file stays in this build and ends with it.
 *
 * @throws JobFailure when there is no plan that people could decide on.
 */
export async function makePlan(build: Build, job: PlanJob, tagged: TaggedResources): Promise<PlanOutput> {
  const { tool, secrets } = await openRoot(build, job);
  await clearLock(build, tool, job, job.lastBuild);
  build.say({ doing: words`Planning` });
  const own = await makeOwnPlan(build, tool, { ...job, known: secrets }, PLAN_FILE);

  const orphans = job.searchOrphans ? await findOrphans(own, tagged, job) : [];
  const seen = seenWith(own.plan, own.mask, { warnings: own.warnings, orphans });
  const page = planPage(own.list, seen);
  const summary = summaryOf(page);
  // After an interrupted apply an empty plan is an answer: it may have removed everything.
  if (job.destroy && summary.empty && !job.searchOrphans)
    throw new JobFailure("nothing_to_remove", nothingToRemove(job));

  const key = randomBytes(KEY_BYTES);
  const { entries, changeDigest } = digestsOf(own, job, key);
  const state = await stateOf(build, job);
  return {
    page: await build.jobs.put(ownKey(build.config, "page.json"), pageBytes(page).bytes),
    changeDigest,
    digestKey: await build.jobs.put(digestKeyOf(build.config), digestKeyText({ key, entries })),
    summary,
    seen: { warnings: new Set(own.warnings).size, failingChecks: failingChecks(own.plan.checks).length },
    ...(state && { state }),
    epoch: job.epoch,
    tools: { terraform: own.plan.terraform_version },
  };
}

function nothingToRemove({ workspace, environment }: RootJob): Words {
  return words`There is nothing of ${openText(workspace)} in ${openText(environment)} that could be removed. Look at its name. ${NOTHING_CHANGED}`;
}

const State = z.looseObject({ lineage: z.string().max(60), serial: z.int().min(0) });

/** Which state is there now. The state itself holds secrets: nothing else of it is kept. */
export async function stateOf(
  build: Pick<Build, "states">,
  job: Pick<RootJob, "environment" | "workspace">,
): Promise<PlanOutput["state"]> {
  const text = await build.states.latest(stateKey(job.environment, job.workspace));
  if (text === undefined) return undefined;
  const { lineage, serial } = State.parse(JSON.parse(text));
  return { lineage, serial };
}
