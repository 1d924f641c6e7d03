import { readFileSync } from "node:fs";
import { type BuildId, exampleSlip, Itinerary, type JobId, NonRetriableError, type PlanOutput } from "@sluice/events";
import {
  type ApplyInput,
  inputKey,
  JobInput,
  type JobItem,
  jobObjects,
  newWorkspace,
  type PlanInput,
  stateKey,
} from "@sluice/jobs";
import { digestOf, newSlip, type Owed, type StepRequest } from "@sluice/steps";
import type { Build } from "../../packages/runner/src/build.ts";
import { parseConfig } from "../../packages/runner/src/config.ts";
import { jobDesk } from "../../packages/runner/src/desk.ts";
import { expectedByInput, expectedByItem } from "../../packages/runner/src/expectations.ts";
import { applyPlan } from "../../packages/runner/src/kinds/apply.ts";
import type { TaggedResources } from "../../packages/runner/src/kinds/orphans.ts";
import { makePlan } from "../../packages/runner/src/kinds/plan.ts";
import type { PlanPage } from "../../packages/runner/src/plan-page/page.ts";
import { type Done, runJob } from "../../packages/runner/src/run-job.ts";
import { startOf } from "../../packages/runner/src/work.ts";
import {
  environment as buildEnvironment,
  line,
  memoryBuild,
  memoryStore,
} from "../../packages/runner/test/memory-build.ts";
import type { Gate } from "../../services/approvals/src/core/gate.ts";
import type { PlanCopy } from "../../services/approvals/src/core/ports.ts";
import { recordDecision } from "../../services/approvals/src/core/record-decision.ts";
import * as approvals from "../../services/approvals/src/core/request.ts";
import { APPROVE, world as approvalsWorld, clickOf, publicKey } from "../../services/approvals/test/factories.ts";
import { acceptRequest } from "../../services/provisioner/src/core/accept-request.ts";
import { applyStep } from "../../services/provisioner/src/core/apply-step.ts";
import { planStep } from "../../services/provisioner/src/core/plan-step.ts";
import { settleHeard } from "../../services/provisioner/src/core/settle.ts";
import { idOf, world as provisionerWorld, stepRequest } from "../../services/provisioner/test/factories.ts";
import { bucketOf } from "./jobs-bucket.ts";

/** What is planned, where, and what is there. */
export type Scene = Readonly<{
  /** As Terraform shows the plan. */
  shown: string;
  environment: string;
  destroy?: true;
  /** What an interrupted apply has left in the account: then both builds look for it. */
  orphans?: readonly string[];
}>;

const fixture = (name: string) =>
  readFileSync(new URL(`../../packages/runner/test/fixtures/${name}.json`, import.meta.url), "utf8");
const nothing = JSON.stringify({
  ...JSON.parse(fixture("virtual-machine-create")),
  resource_changes: [],
  output_changes: {},
});
export const ORPHAN = "arn:aws:ec2:eu-west-1:111111111111:instance/i-0000000000000000a";

/** Plans as Terraform 1.11 showed them, each of another kind. */
export const scenes = {
  "makes a machine": { shown: fixture("virtual-machine-create"), environment: "staging" },
  "changes and destroys": { shown: fixture("virtual-machine-change"), environment: "production" },
  "removes everything": { shown: fixture("virtual-machine-destroy"), environment: "production", destroy: true },
  "does all that Terraform can": { shown: fixture("every-action"), environment: "production" },
  "hides what is secret": { shown: fixture("sensitive-nested"), environment: "staging" },
  "changes nothing": { shown: nothing, environment: "staging" },
  "changes nothing, beside what was left behind": { shown: nothing, environment: "staging", orphans: [ORPHAN] },
} as const satisfies Record<string, Scene>;

/** What a plan's build leaves: what it reports, and the texts of the two objects that its report names. */
export type Made = Readonly<{ output: PlanOutput; page: string; digestKey: string }>;
/** What a lying build makes of it, of whatever shape. An object that it changes is a new version of it, and the report names that. */
export type Lie = (made: Made) => Made;

/** What became of a request. */
export type Walked = Readonly<{
  /** "applied", or the code of what stopped it. */
  ended: string;
  /** What Terraform was told in the apply's build. */
  told: readonly string[];
  gate: Gate | undefined;
  /** The page that approvals' copy of the plan names: what people saw. */
  shown: PlanPage | undefined;
  spent: readonly object[];
  published: readonly Owed[];
}>;

/**
 * A request's way from its plan to the end of its apply, through the services' and the runner's own functions, with everything around them in memory. The
 * plan's build says what the lie makes of it; everybody else is honest, and whoever is asked approves.
 */
export async function walkPlan(scene: Scene, lie: Lie = (made) => made): Promise<Walked> {
  const world = await acceptedWorld(scene);
  const { owner } = world;
  await planStep(world.ports, stepRequest(newSlip(world.itinerary), "plan"));
  const { build } = await buildThatShows(scene, scene.shown);
  await runBuild(world, "plan", build, async (own, input) => ({
    clean: true,
    output: await liedAbout(world, lie, await honestPlan(scene, own, input as PlanInput)),
  }));
  const planned = dataOf(owner.published, "plan.completed.v1");
  if (!planned) return walked(world, String(dataOf(owner.published, "plan.failed.v1")?.code));

  try {
    await applyStep(world.ports, await approvedBy(world, planned, ["carol", "dan", "eve"]));
  } catch (cause) {
    if (cause instanceof NonRetriableError) return walked(world, cause.code);
    throw cause;
  }
  const applier = await buildThatShows(scene, later(scene.shown));
  const result = await runBuild(world, "apply", applier.build, (own, input, job) =>
    applyOf(world, own, input as ApplyInput, job),
  );
  const told = applier.ran.flatMap(([command]) => command ?? []);
  if ("superseded" in result) return walked(world, result.superseded, told);
  return walked(world, result.outcome === "completed" ? "applied" : result.code, told);
}

type World = Awaited<ReturnType<typeof acceptedWorld>>;

/** Provisioner and approvals with one jobs bucket and one key, and a request that both have accepted. */
async function acceptedWorld(scene: Scene) {
  const jobs = memoryStore();
  const owner = provisionerWorld();
  const gates = approvalsWorld();
  const ports = { ...owner.ports, objects: jobObjects(bucketOf(jobs), "jobs"), grantKey: async () => publicKey };
  const itinerary = itineraryOf(scene);
  const { request, environment, workspace, askedAt } = itinerary;
  if (scene.orphans)
    await owner.store.commit([
      { is: "workspace", after: { ...newWorkspace({ environment, name: workspace }), interrupted: true } },
    ]);
  const data = { itinerary, digest: digestOf(itinerary) };
  await acceptRequest(ports, data);
  await approvals.acceptRequest(gates.ports, {
    type: "request.accepted.v1",
    source: "sluice.intake",
    metadata: { id: idOf("accepted"), correlationId: request, occurredAt: askedAt, actor: "service:intake" },
    data,
  });
  return { scene, jobs, owner, gates, ports, itinerary };
}

/** Does the newest build's job as a build does, from its lease to its report, and lets the owner hear of it. */
async function runBuild(
  { jobs, owner, ports, itinerary: { environment } }: World,
  kind: "plan" | "apply",
  build: Build,
  work: (build: Build, input: JobInput, job: JobItem) => Promise<Done>,
) {
  const started = owner.builds.started.at(-1);
  if (!started) throw new Error("No build was started");
  const input = JobInput.parse(
    JSON.parse((await jobs.latest(inputKey({ environment, kind, job: started.job }))) ?? ""),
  );
  const own = { ...build, config: configOf(kind, environment, started), jobs };
  const result = await runJob(
    jobDesk({
      build: own,
      store: owner.store,
      send: async () => undefined,
      work: (job) => work(own, input, job),
      seconds: () => 1,
    }),
  );
  owner.builds.end(started.build);
  await settleHeard(ports, started.job);
  return result;
}

/** What the build reports, with its two objects put where an honest one puts them. */
async function liedAbout({ jobs }: World, lie: Lie, honest: Made): Promise<object> {
  const made = lie(honest);
  const page = await jobs.put(honest.output.page.key, made.page);
  const digestKey = await jobs.put(honest.output.digestKey.key, made.digestKey);
  const named = (name: "page" | "digestKey", ref: object) => {
    const isHonest = [...honestPlans.values()].some(
      ({ output }) => digestOf(output[name]) === digestOf(made.output[name] ?? null),
    );
    return isHonest ? { [name]: ref } : {};
  };
  return { ...made.output, ...named("page", page), ...named("digestKey", digestKey) };
}

/**
 * The gate is asked for, and each of these people approves as long as it is open.
 *
 * @returns the event that asks for the apply
 */
async function approvedBy({ owner, gates, itinerary: { request } }: World, planned: object, people: readonly string[]) {
  await approvals.keepPlan(gates.ports, planned as PlanCopy);
  await approvals.askForGate(gates.ports, asked(owner.published, "approval.requested.v1"));
  for (const [n, person] of people.entries()) {
    const gate = await gates.store.gate({ request, step: APPROVE });
    if (gate?.status === "open") await recordDecision(gates.ports, gate.ref, clickOf(person, 20 + n));
  }
  return asked(gates.published, "apply.requested.v1");
}

async function applyOf({ owner, scene }: World, build: Build, input: ApplyInput, own: JobItem): Promise<Done> {
  const expected = [expectedByInput(input), expectedByItem(own)];
  const job = { ...input, plan: input.plan.output, expected };
  return applyPlan(build, job, { publicKey, start: startOf(build, owner.store, input), tagged: taggedIn(scene) });
}

async function walked(
  { jobs, owner, gates, itinerary: { request } }: World,
  ended: string,
  told: readonly string[] = [],
): Promise<Walked> {
  const gate = await gates.store.gate({ request, step: APPROVE });
  const page = gate ? await jobs.get(gate.plan.page) : "changed";
  return {
    ended,
    told,
    gate,
    shown: page === "changed" ? undefined : JSON.parse(new TextDecoder().decode(page)),
    spent: [...owner.store.items].flatMap(([name, item]) => (name.includes("#grant#") ? [item] : [])),
    published: [...owner.published, ...gates.published],
  };
}

function taggedIn({ orphans = [] }: Scene): TaggedResources {
  return async () => orphans;
}

/** What an honest build makes of a scene, made once: only its key would be another one. */
async function honestPlan(scene: Scene, build: Build, input: PlanInput): Promise<Made> {
  const known = honestPlans.get(scene);
  if (known) return known;
  const own = memoryStore();
  const output = await makePlan({ ...build, jobs: own }, input, taggedIn(scene));
  const made = {
    output,
    page: (await own.latest(output.page.key)) ?? "",
    digestKey: (await own.latest(output.digestKey.key)) ?? "",
  };
  honestPlans.set(scene, made);
  return made;
}
const honestPlans = new Map<Scene, Made>();

/** A build whose Terraform shows this plan, beside a state that was there. */
async function buildThatShows({ environment }: Scene, shown: string) {
  const summary = { add: 1, change: 0, remove: 0, operation: "apply" };
  const made = await memoryBuild({
    show: { lines: [shown] },
    providers: { lines: [JSON.stringify({ provider_schemas: {} })] },
    apply: { lines: [line("change_summary", { changes: summary })] },
  });
  await made.states.put(stateKey(environment, WORKSPACE), JSON.stringify({ lineage: "l", serial: 4 }));
  return made;
}

/** The same plan, made again: what is true of the moment differs. */
function later(shown: string): string {
  return JSON.stringify({ ...JSON.parse(shown), timestamp: "2026-11-28T23:59:59Z" });
}

const WORKSPACE = "probe-smoke";

function itineraryOf({ environment, destroy }: Scene): Itinerary {
  return Itinerary.parse({
    ...exampleSlip.itinerary,
    environment,
    workspace: WORKSPACE,
    steps: [
      { name: "plan", kind: "plan", config: { root: "probe", ...(destroy && { destroy }) } },
      { name: "approve", kind: "approval", config: { of: "plan", policy: destroy ? "removal" : "infrastructure" } },
      { name: "apply", kind: "apply", config: { plan: "plan", approval: "approve" } },
    ],
  });
}

function configOf(kind: "plan" | "apply", environment: string, { job, build }: { job: JobId; build: BuildId }) {
  return parseConfig({
    ...buildEnvironment,
    KIND: kind,
    ENVIRONMENT: environment,
    JOB_ID: job,
    CODEBUILD_BUILD_ID: build,
  });
}

function dataOf(published: readonly Owed[], type: string): Record<string, unknown> | undefined {
  return published.find((each) => each.type === type)?.data as Record<string, unknown> | undefined;
}

function asked(published: readonly Owed[], type: string): StepRequest {
  const owed = published.find((each) => each.type === type);
  if (!owed) throw new NonRetriableError("nobody_asked", `Nobody has published ${type}`);
  return { type, metadata: { id: owed.id, actor: owed.actor }, data: owed.data as StepRequest["data"] };
}
