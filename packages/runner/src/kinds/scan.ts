import type { ObjectRef, ScanOutput } from "@sluice/events";
import { appliedHosts, type Host } from "../ansible/hosts.ts";
import { type Build, ownKey } from "../build.ts";
import { JobFailure, sentenceOf } from "../job-failure.ts";
import type { Secrets } from "../masking/secrets.ts";
import { joinWords, openText, words } from "../masking/words.ts";
import { planPage } from "../plan-page/plan-page.ts";
import { seenWith } from "../plan-page/seen.ts";
import { summaryOf } from "../plan-page/summary.ts";
import { askControls, type Evidence, evidenceOf, NO_HOSTS } from "../scan/ask-controls.ts";
import type { Account, Hosts, SecondPlan } from "../scan/control.ts";
import { profiles } from "../scan/profiles.ts";
import { openRoot, type RootJob, secretsBeforePlan } from "./open-root.ts";
import { makeOwnPlan } from "./own-plan.ts";

export type ScanJob = RootJob & Readonly<{ profile: string; outputs: ObjectRef; hosts: "none" | "ssh" }>;

/**
 * Asks a profile's controls and keeps what was asked and answered.
 *
 * @throws JobFailure `controls_failed` naming what does not hold, or `could_not_run` when a control could not be asked.
 */
export async function scan(
  build: Build,
  job: ScanJob,
  account: Account,
  hostsOf: (hosts: readonly Host[]) => Hosts,
): Promise<ScanOutput> {
  const controls = Object.hasOwn(profiles, job.profile) ? profiles[job.profile] : undefined;
  if (!controls)
    throw new JobFailure("could_not_run", words`This code release knows no profile ${openText(job.profile)}.`);

  let planned: Promise<SecondPlan & { secrets: Secrets }> | undefined;
  const applied = await appliedHosts(build, job.outputs, "could_not_run");
  const hosts = hostsOf(applied);
  const scope = {
    environment: job.environment,
    workspace: job.workspace,
    instances: applied.map(({ instance_id }) => instance_id),
    account,
    hosts,
    secondPlan: () => {
      planned ??= secondPlan(build, job);
      return planned;
    },
  };
  const answers = await askControls(controls, scope, job.hosts, (title) =>
    build.say({ doing: words`Checking: ${title}` }),
  ).finally(hosts.close);
  const said = evidenceOf(
    answers,
    (await planned?.catch(() => undefined))?.secrets ?? (await secretsBeforePlan(build, job)),
  );

  const evidence = await build.jobs.put(
    ownKey(build.config, "evidence.json"),
    JSON.stringify({ profile: job.profile, environment: job.environment, workspace: job.workspace, controls: said }),
  );
  return verdictOf(said, evidence);
}

/** @throws JobFailure */
export function verdictOf(answers: readonly Evidence[], evidence: ObjectRef): ScanOutput {
  const of = (verdict: Evidence["verdict"]) => answers.filter((each) => each.verdict === verdict);
  const [failed, notAsked] = [of("failed"), of("could_not_ask")];
  const list = (some: readonly Evidence[]) =>
    joinWords(
      some.map(({ title, because }) => words`${title} (${because ?? words``})`),
      "; ",
    );
  if (failed.length > 0)
    throw new JobFailure(
      "controls_failed",
      sentenceOf(
        words`${failed.length} of ${answers.length} controls ${failed.length === 1 ? words`does` : words`do`} not hold: ${list(failed)}.`,
      ),
      { repeatable: true },
    );
  if (notAsked.length > 0)
    throw new JobFailure("could_not_run", sentenceOf(words`Could not check: ${list(notAsked)}.`), { repeatable: true });
  const skipped = of("skipped").length;
  return { evidence, passed: of("passed").length, skipped, ...(skipped > 0 && { skippedBecause: NO_HOSTS }) };
}

const PLAN_FILE = "second.tfplan";

/** Without a lock: the request holds the workspace, and the check role may not write one. A check of the configuration that fails is a control that does. */
async function secondPlan(build: Build, job: RootJob): Promise<SecondPlan & { secrets: Secrets }> {
  const { tool, secrets: known } = await openRoot(build, job);
  const own = await makeOwnPlan(build, tool, { destroy: job.destroy, lock: false, known }, PLAN_FILE);
  const page = planPage(own.list, seenWith(own.plan, own.mask, { warnings: own.warnings, orphans: [] }));
  return {
    secrets: own.secrets,
    empty: summaryOf(page).empty,
    changes: [
      ...page.change.resources.map(({ action, address }) => `${action} ${address}`),
      ...page.change.outputs.map(({ name }) => `output ${name}`),
    ],
    drift: page.seen.drift.map(({ address }) => address),
    failingChecks: page.seen.checks,
  };
}
