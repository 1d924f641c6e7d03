import type { ObjectRef, ScanOutput } from "@sluice/events";
import { appliedHosts, type Host } from "../ansible/hosts.ts";
import { type Build, resultKey } from "../build.ts";
import { JobFailure, sentenceOf } from "../job-failure.ts";
import { planPage } from "../plan-page/plan-page.ts";
import { type Answered, askControls, NO_HOSTS } from "../scan/ask-controls.ts";
import type { Account, Hosts, SecondPlan } from "../scan/control.ts";
import { profiles } from "../scan/profiles.ts";
import { planFault } from "../terraform/plan-faults.ts";
import { openRoot, type RootJob, refuseUnlessOk } from "./open-root.ts";

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
  if (!controls) throw new JobFailure("could_not_run", `This code release knows no profile ${job.profile}.`);

  let planned: Promise<SecondPlan> | undefined;
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
    build.say({ doing: `Checking: ${title}` }),
  ).finally(hosts.close);

  const evidence = await build.jobs.put(
    resultKey(build.config, "evidence.json"),
    JSON.stringify({ profile: job.profile, environment: job.environment, workspace: job.workspace, controls: answers }),
  );
  return verdictOf(answers, evidence);
}

/** @throws JobFailure */
export function verdictOf(answers: readonly Answered[], evidence: ObjectRef): ScanOutput {
  const of = (verdict: Answered["verdict"]) => answers.filter((each) => each.verdict === verdict);
  const [failed, notAsked] = [of("failed"), of("could_not_ask")];
  const list = (some: readonly Answered[]) => some.map(({ title, because }) => `${title} (${because})`).join("; ");
  if (failed.length > 0)
    throw new JobFailure(
      "controls_failed",
      sentenceOf(
        `${failed.length} of ${answers.length} controls ${failed.length === 1 ? "does" : "do"} not hold: ${list(failed)}.`,
      ),
      { repeatable: true },
    );
  if (notAsked.length > 0)
    throw new JobFailure("could_not_run", sentenceOf(`Could not check: ${list(notAsked)}.`), { repeatable: true });
  const skipped = of("skipped").length;
  return { evidence, passed: of("passed").length, skipped, ...(skipped > 0 && { skippedBecause: NO_HOSTS }) };
}

const PLAN_FILE = "second.tfplan";

/** Without a lock: the request holds the workspace, and the check role may not write one. */
async function secondPlan(build: Build, job: RootJob): Promise<SecondPlan> {
  const { tool } = await openRoot(build, job);
  const { destroy = false } = job;
  refuseUnlessOk(await tool.plan(PLAN_FILE, { interrupt: build.interrupt }, { lock: false, destroy }), "check");
  const plan = await tool.show(PLAN_FILE);
  const fault = planFault(plan);
  if (fault) throw new JobFailure("could_not_run", fault);
  const { empty, resources, outputs, drift } = planPage(plan, []);
  return {
    empty,
    changes: [
      ...resources.filter(({ action }) => action !== "read").map(({ action, address }) => `${action} ${address}`),
      ...outputs.map(({ name }) => `output ${name}`),
    ],
    drift: drift.map(({ address }) => address),
  };
}
