import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ApplyOutput, PlanOutput } from "@sluice/events";
import { type GrantExpectation, judgeGrant, readGrant } from "@sluice/steps";
import { type Build, resultKey } from "../build.ts";
import { JobFailure, sentenceOf } from "../job-failure.ts";
import { exactText, parseExact } from "../json/exact-json.ts";
import { type Secrets, secretsOf } from "../masking/secrets.ts";
import { joinWords, openText, type Words, words } from "../masking/words.ts";
import { PlanPage } from "../plan-page/page.ts";
import { pageBytes, planPage } from "../plan-page/plan-page.ts";
import { contentDigest } from "../terraform/content-digest.ts";
import { openOutputs } from "../terraform/open-outputs.ts";
import type { PlanJson } from "../terraform/plan-json.ts";
import type { BuildTimes } from "../terraform/state-lock.ts";
import type { ApplyRun } from "../terraform/terraform.ts";
import { diagnosticText } from "../terraform/ui-message.ts";
import { clearLock } from "./clear-lock.ts";
import { NOTHING_CHANGED, openRoot, type RootJob } from "./open-root.ts";

const PLAN_FILE = "approved.tfplan";

export type ApplyJob = RootJob &
  Readonly<{
    grant: string;
    plan: Pick<PlanOutput, "file" | "page" | "contentDigest">;
    /** What the grant must say: by the input and, separately, by the owner's own item. */
    expected: readonly GrantExpectation[];
    lastBuild?: BuildTimes | undefined;
  }>;

/** The start transaction (design §7.5). `refused` means that nothing was started, and why. */
export type Start = (jti: string) => Promise<{ epoch: number } | { refused: string; sentence: Words }>;

/** How a started apply ended. What went wrong after the start is not clean: nobody knows what stands. */
export type Applied =
  | Readonly<{ clean: true; output: ApplyOutput }>
  | Readonly<{ clean: false; code: string; sentence: Words }>;

/**
 * Applies exactly the approved plan, once. Everything is proven before the start; after it there is no second apply for this approval.
 *
 * @throws JobFailure for anything that differs from what was approved. Nothing was changed then.
 */
export async function applyPlan(build: Build, job: ApplyJob, publicKey: string, start: Start): Promise<Applied> {
  const claims = await readGrant(job.grant, publicKey);
  if (typeof claims === "string") throw refusal(claims);
  for (const expected of job.expected) {
    const judged = judgeGrant(claims, expected, build.now());
    if (judged !== "ok") throw refusal(judged);
  }

  const file = await build.plans.get(job.plan.file);
  if (file === "changed") throw refusal("plan_file_changed");
  const { tool, path, secrets: known } = await openRoot(build, job);
  await writeFile(join(path, PLAN_FILE), file);
  const plan = await tool.show(PLAN_FILE);
  if (contentDigest(plan) !== claims.plan.contentDigest) throw refusal("content_changed");
  await provePage(build, job, plan, claims.plan.pageSha256);
  await clearLock(build, tool, job, job.lastBuild);
  if (build.interrupt.aborted) throw refusal("interrupted");

  const started = await start(claims.jti);
  if ("refused" in started) throw new JobFailure(started.refused, sentenceOf(started.sentence, NOTHING_CHANGED));

  const secrets = secretsOf(parseExact(JSON.stringify(plan)), known);
  const ran = await tool.apply(PLAN_FILE, { interrupt: build.interrupt, onDoing: build.say }, secrets);
  if (!ran.ok || !ran.counts) return { clean: false, ...stopped(plan, ran, secrets) };
  return { clean: true, output: await outputOf(build, ran, ran.counts, secrets, started.epoch) };
}

/** The page that was shown, made again from the plan itself. Only the orphans cannot come from it: they are read from the signed page. */
async function provePage(build: Build, { plan: { page } }: ApplyJob, plan: PlanJson, signed: string): Promise<void> {
  const bytes = await build.jobs.get(page);
  if (bytes === "changed" || page.sha256 !== signed) throw refusal("page_changed");
  const shown = PlanPage.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
  if (!shown.success) throw refusal("page_changed");
  if (pageBytes(planPage(plan, shown.data.orphans)).sha256 !== signed) throw refusal("page_changed");
}

const refusals: Readonly<Record<string, string>> = {
  grant_malformed: "The approval's proof cannot be read.",
  grant_signature: "The approval's proof was not signed by the approvals' key.",
  grant_expired: "The approval expired before the apply could start.",
  grant_of_another_request: "The approval is of another request.",
  grant_of_another_itinerary: "The approval is of another version of this request.",
  grant_of_another_plan: "The approval is of another plan.",
  grant_of_another_epoch: "The workspace was changed after the approval.",
  plan_file_changed: "The plan file is not the one that was approved.",
  content_changed: "The plan does not say what was approved.",
  page_changed: "What was shown for approval is not what the plan says.",
  interrupted: "The build was stopped before the apply began.",
};

function refusal(code: string): JobFailure {
  return new JobFailure(code, words`${openText(refusals[code] ?? "The approval does not hold.")} ${NOTHING_CHANGED}`);
}

/** `Apply stopped after 1 of 3 resources: …` A replacement is done when both its operations are. */
function stopped(plan: PlanJson, { completed, errors, interrupted }: ApplyRun, secrets: Secrets) {
  const operations = (plan.resource_changes ?? [])
    .filter(({ mode, change }) => mode === "managed" && !["no-op", "read"].includes(change.actions.join()))
    .map(({ address, change }) => ({ address, needed: change.actions.length }));
  const done = operations.filter(
    ({ address, needed }) => completed.filter((each) => each === address).length >= needed,
  ).length;
  const why = joinWords(
    errors.map((error) => diagnosticText(error, secrets)),
    " ",
  );
  const said = interrupted ? words`it was interrupted. ${why}` : why || words`Terraform did not say why`;
  return {
    code: interrupted ? "apply_interrupted" : "apply_stopped",
    sentence: sentenceOf(words`Apply stopped after ${done} of ${operations.length} resources: ${said}`),
  };
}

async function outputOf(
  build: Build,
  ran: ApplyRun,
  resources: ApplyOutput["resources"],
  secrets: Secrets,
  epoch: number,
): Promise<ApplyOutput> {
  const { outputs, hosts, shown } = openOutputs(ran.outputs, secrets);
  return {
    outputs: await build.jobs.put(resultKey(build.config, "outputs.json"), exactText({ outputs, hosts })),
    shown,
    hosts: hosts.length,
    resources,
    epoch,
  };
}
