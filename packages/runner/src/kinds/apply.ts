import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ApplyOutput, PlanOutput } from "@sluice/events";
import { type GrantExpectation, judgeGrant, readGrant } from "@sluice/steps";
import { type Build, resultKey } from "../build.ts";
import { JobFailure, sentenceOf } from "../job-failure.ts";
import { PlanPage } from "../plan-page/page.ts";
import { pageBytes, planPage } from "../plan-page/plan-page.ts";
import { isSecret, type Secrets, secretsAnd, secretsOf, withoutSecrets } from "../plan-page/secrets.ts";
import { contentDigest } from "../terraform/content-digest.ts";
import type { Json, PlanJson } from "../terraform/plan-json.ts";
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
export type Start = (jti: string) => Promise<{ epoch: number } | { refused: string; sentence: string }>;

/** How a started apply ended. What went wrong after the start is not clean: nobody knows what stands. */
export type Applied =
  | Readonly<{ clean: true; output: ApplyOutput }>
  | Readonly<{ clean: false; code: string; sentence: string }>;

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
  const { tool, path } = await openRoot(build, job);
  await writeFile(join(path, PLAN_FILE), file);
  const plan = await tool.show(PLAN_FILE);
  if (contentDigest(plan) !== claims.plan.contentDigest) throw refusal("content_changed");
  await provePage(build, job, plan, claims.plan.pageSha256);
  await clearLock(build, tool, job, job.lastBuild);
  if (build.interrupt.aborted) throw refusal("interrupted");

  const started = await start(claims.jti);
  if ("refused" in started) throw new JobFailure(started.refused, sentenceOf(started.sentence, NOTHING_CHANGED));

  const secrets = secretsOf(plan);
  const ran = await tool.apply(PLAN_FILE, { interrupt: build.interrupt, onDoing: build.say });
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
  return new JobFailure(code, `${refusals[code] ?? "The approval does not hold."} ${NOTHING_CHANGED}`);
}

/** `Apply stopped after 1 of 3 resources: …` A replacement is done when both its operations are. */
function stopped(plan: PlanJson, { completed, errors, interrupted }: ApplyRun, secrets: Secrets) {
  const operations = (plan.resource_changes ?? [])
    .filter(({ mode, change }) => mode === "managed" && !["no-op", "read"].includes(change.actions.join()))
    .map(({ address, change }) => ({ address, needed: change.actions.length }));
  const done = operations.filter(
    ({ address, needed }) => completed.filter((each) => each === address).length >= needed,
  ).length;
  const words = withoutSecrets(errors.map(diagnosticText).join(" "), secrets);
  const said = interrupted ? `it was interrupted. ${words}` : words || "Terraform did not say why";
  return {
    code: interrupted ? "apply_interrupted" : "apply_stopped",
    sentence: sentenceOf(`Apply stopped after ${done} of ${operations.length} resources: ${said}`),
  };
}

async function outputOf(
  build: Build,
  { outputs }: ApplyRun,
  resources: ApplyOutput["resources"],
  secrets: Secrets,
  epoch: number,
): Promise<ApplyOutput> {
  const known = secretsAnd(
    secrets,
    Object.values(outputs).flatMap(({ sensitive, value }) => (sensitive ? [value] : [])),
  );
  const plain = Object.entries(outputs)
    .filter(([, { sensitive }]) => !sensitive)
    .map(([name, { value }]) => [name, value ?? null] as const);
  const open = Object.fromEntries(plain.filter(([, value]) => !isSecret(value, known)));
  const hosts = Array.isArray(open.hosts) ? open.hosts : [];
  return {
    outputs: await build.jobs.put(resultKey(build.config, "outputs.json"), JSON.stringify({ outputs: open, hosts })),
    shown: shownOf(plain, known),
    hosts: hosts.length,
    resources,
    epoch,
  };
}

const SHOWN = 6;

/** The first plain outputs, as text, within what `ApplyOutput` promises. */
function shownOf(outputs: readonly (readonly [string, Json])[], secrets: Secrets): ApplyOutput["shown"] {
  const plain = outputs.flatMap(([name, value]) =>
    ["string", "number", "boolean"].includes(typeof value) && name.length <= 40 && value !== ""
      ? [[name, isSecret(String(value), secrets) ? "(sensitive)" : cut(String(value))] as const]
      : [],
  );
  return Object.fromEntries(plain.slice(0, SHOWN));
}

/** In bytes: what it stands in has a promised size. */
function cut(text: string): string {
  let kept = [...text].slice(0, 119);
  if (kept.length === [...text].length && Buffer.byteLength(text) <= 120) return text;
  while (Buffer.byteLength(`${kept.join("")}…`) > 120) kept = kept.slice(0, -1);
  return `${kept.join("")}…`;
}
