import type { ApplyOutput, PlanOutput, Sha256 } from "@sluice/events";
import { digestOf, type GrantClaims, type GrantExpectation, judgeGrant, readGrant } from "@sluice/steps";
import { type Build, ownKey } from "../build.ts";
import { JobFailure, sentenceOf } from "../job-failure.ts";
import { exactText } from "../json/exact-json.ts";
import type { Secrets } from "../masking/secrets.ts";
import { joinWords, toolWords, type Words, words } from "../masking/words.ts";
import { pageBytes, planPage } from "../plan-page/plan-page.ts";
import { summaryOf } from "../plan-page/summary.ts";
import { openOutputs } from "../terraform/open-outputs.ts";
import type { BuildTimes } from "../terraform/state-lock.ts";
import type { ApplyRun } from "../terraform/terraform.ts";
import { diagnosticText } from "../terraform/ui-message.ts";
import { type ApprovedPlan, approvedPlan } from "./approved-plan.ts";
import { clearLock } from "./clear-lock.ts";
import { type Measured, movesDigest, movesInWords, movesOf } from "./difference.ts";
import { NOTHING_CHANGED, openRoot, type RootJob } from "./open-root.ts";
import { findOrphans, type TaggedResources } from "./orphans.ts";
import { digestsOf, makeOwnPlan, type OwnPlan } from "./own-plan.ts";
import { stateOf } from "./plan.ts";
import { refusal } from "./refusals.ts";

/** Made here, from the hashed code and the request's parameters: a plan file carries code and a backend of its own, so no other build's is ever applied. */
const OWN_FILE = "own.tfplan";

export type ApplyJob = RootJob &
  Readonly<{
    grant: string;
    plan: Pick<PlanOutput, "page" | "digestKey">;
    /** Whether the plan looked for what a killed apply left: then this build looks again. */
    searchOrphans: boolean;
    /** Where the own plan of the apply before differed, if it was refused for that. */
    differedBefore?: Sha256 | undefined;
    /** What the grant must say: by the input and, separately, by the owner's own item. */
    expected: readonly GrantExpectation[];
    lastBuild?: BuildTimes | undefined;
  }>;

/** The start transaction (docs/design.md, Apply protocol, 5). `refused` means that nothing was started, and why. */
export type Start = (jti: string) => Promise<{ epoch: number } | { refused: string; sentence: Words }>;

/** How a started apply ended. What went wrong after the start is not clean: nobody knows what stands. */
export type Applied =
  | Readonly<{ clean: true; output: ApplyOutput }>
  | Readonly<{ clean: false; code: string; sentence: Words }>;

export type ApplyPorts = Readonly<{ publicKey: string; start: Start; tagged: TaggedResources }>;

/**
 * Applies what was approved, once. The build plans by itself and compares what *its* plan would change with what was approved: whoever made the plan that
 * people saw is not trusted with this role. Everything is proven before the start; after it there is no second apply for this approval.
 *
 * @throws JobFailure for anything that differs from what was approved. Nothing was changed then.
 */
export async function applyPlan(
  build: Build,
  job: ApplyJob,
  { publicKey, start, tagged }: ApplyPorts,
): Promise<Applied> {
  const claims = await provenClaims(build, job, publicKey);
  const began = build.left();
  const fetched = approvedPlan(build.jobs, job.plan); // Meanwhile the own plan is made.
  fetched.catch(() => undefined); // Told where it is awaited.
  const { tool, own } = await planAgain(build, job);
  const approved = await fetched;
  proveSame(job, claims, approved, own, await moreOrphans(job, approved, own, tagged));
  const state = await stateOf(build, job);

  judgeAgain(build, job, claims);
  if (build.interrupt.aborted) throw refusal("interrupted");
  if (build.left() < began - build.left()) throw refusal("too_little_time");
  const started = await start(claims.jti);
  if ("refused" in started) throw new JobFailure(started.refused, sentenceOf(started.sentence, NOTHING_CHANGED));

  build.say({ doing: words`Applying` });
  const ran = await tool.apply(OWN_FILE, { interrupt: build.interrupt, onDoing: build.say }, own.secrets);
  if (ran.ok && ran.counts)
    return { clean: true, output: await outputOf(build, ran, ran.counts, own.secrets, started.epoch) };
  const untouched =
    !ran.begun && !ran.interrupted && digestOf(state ?? null) === digestOf((await stateOf(build, job)) ?? null);
  return { clean: false, ...stopped(own, ran, untouched ? NOTHING_CHANGED : words``) };
}

async function provenClaims(build: Build, job: ApplyJob, publicKey: string): Promise<GrantClaims> {
  const claims = await readGrant(job.grant, publicKey);
  if (typeof claims === "string") throw refusal(claims);
  judgeAgain(build, job, claims);
  return claims;
}

/** Also directly before the start: planning takes time, and a grant expires. */
function judgeAgain(build: Build, job: ApplyJob, claims: GrantClaims): void {
  for (const expected of job.expected) {
    const judged = judgeGrant(claims, expected, build.now());
    if (judged !== "ok") throw refusal(judged);
  }
}

async function planAgain(build: Build, job: ApplyJob) {
  build.say({ doing: words`Checking that nothing moved` });
  const { tool, secrets } = await openRoot(build, job);
  await clearLock(build, tool, job, job.lastBuild);
  return { tool, own: await makeOwnPlan(build, tool, { ...job, known: secrets }, OWN_FILE) };
}

/** What a killed apply left and the signed page does not name: somebody, or a build, has said too little. */
async function moreOrphans(job: ApplyJob, { page }: ApprovedPlan, own: OwnPlan, tagged: TaggedResources) {
  if (!job.searchOrphans) return false;
  return (await findOrphans(own, tagged, job)).some((arn) => !page.seen.orphans.includes(arn));
}

/**
 * The change, then the page, then the summary. A change that differs is the world that moved. Where the change is equal and page or summary is not, the build
 * that planned has lied.
 *
 * @throws JobFailure `plan_changed`, `plan_never_equal`, `page_changed` or `summary_changed`
 */
function proveSame(
  job: ApplyJob,
  { plan }: GrantClaims,
  approved: ApprovedPlan,
  own: OwnPlan,
  hasMoreOrphans: boolean,
) {
  const { entries, changeDigest } = digestsOf(own, job, approved.key);
  const page = planPage(own.list, approved.page.seen);
  if (changeDigest !== plan.changeDigest) throw planChanged(job, approved, { page, entries }, own.secrets);
  if (pageBytes(page).sha256 !== plan.pageSha256) throw refusal("page_changed");
  if (hasMoreOrphans || digestOf(summaryOf(page)) !== plan.summarySha256) throw refusal("summary_changed");
}

/** The second time in a row at the same places no plan will ever be equal: the code must change. */
function planChanged(
  { differedBefore }: ApplyJob,
  approved: ApprovedPlan,
  own: Measured,
  secrets: Secrets,
): JobFailure {
  const moves = movesOf(approved, own);
  const differs = movesDigest(moves);
  // The approved page comes from a build that may lie, so its words are masked as anybody else's.
  const moved = toolWords(movesInWords(moves) || "code or parameters", secrets);
  if (differs === differedBefore)
    return new JobFailure(
      "plan_never_equal",
      sentenceOf(words`This differs at every plan: ${moved}. The code must change`, NOTHING_CHANGED),
    );
  return new JobFailure(
    "plan_changed",
    sentenceOf(words`Something moved since the plan was approved: ${moved}`, NOTHING_CHANGED),
    { repeatable: true, differs },
  );
}

/** `After 1 of 3 resources: …`, which people read behind "Apply stopped:". A replacement is done when both its operations are. */
function stopped({ list, secrets }: OwnPlan, { completed, errors, interrupted }: ApplyRun, ending: Words) {
  const operations = list.resources
    .filter(({ resource: { mode }, action }) => mode === "managed" && action !== "no-op")
    .map(({ resource: { address }, actions }) => ({ address, needed: actions.length }));
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
    sentence: sentenceOf(words`After ${done} of ${operations.length} resources: ${said}`, ending),
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
    outputs: await build.jobs.put(ownKey(build.config, "outputs.json"), exactText({ outputs, hosts })),
    shown,
    hosts: hosts.length,
    resources,
    epoch,
  };
}
