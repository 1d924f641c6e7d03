import { type BuildId, catalogue, JobId } from "@sluice/events";
import { giveReport, hasApplied, type JobStore, jobKey, jobObjects, stepOfJob } from "@sluice/jobs";
import type { Owed } from "@sluice/steps";
import { describe, expect, it } from "vitest";
import { memoryStore } from "../../packages/runner/test/memory-build.ts";
import { acceptRequest } from "../../services/compliance/src/core/accept-request.ts";
import { keepApplied } from "../../services/compliance/src/core/applied.ts";
import { scanStep } from "../../services/compliance/src/core/scan-step.ts";
import { settleHeard as settleScan } from "../../services/compliance/src/core/settle-scan.ts";
import * as compliance from "../../services/compliance/test/factories.ts";
import { planStep } from "../../services/provisioner/src/core/plan-step.ts";
import { settleHeard } from "../../services/provisioner/src/core/settle.ts";
import {
  accepted,
  applied,
  applyAsked,
  configurationAsked,
  jtiOf,
  lastBuild,
  planned,
} from "../../services/provisioner/test/core/walk.ts";
import {
  applyOutput,
  type buildOf,
  itineraryOf,
  planOutput,
  slipAfter,
  stepRequest,
  type World,
  world,
} from "../../services/provisioner/test/factories.ts";
import { anotherOf, changed, isAt, leafPaths, type Path, type To } from "./changed-json.ts";
import { bucketOf } from "./jobs-bucket.ts";

/**
 * Suite 4 of the threat model, as far as what a build *says*: whatever field of its report or its result is another one, nothing is applied without an approval
 * and nothing counts as applied without a spent grant.
 */
type Said = Readonly<{ result: unknown; outcome: "completed" | "failed"; clean: boolean }>;

/** A build that is about to say how its job ended. */
type Reporting = Readonly<{
  store: JobStore;
  jobs: ReturnType<typeof memoryStore>;
  published: Owed[];
  job: JobId;
  build: BuildId;
  /** How many builds were started so far. */
  started: () => number;
  settle: () => Promise<void>;
  now: () => number;
}>;

const environment = "staging";
const JTI = jtiOf(itineraryOf());
const seconds = 3;
const completed = (output: object): Said => ({
  result: { outcome: "completed", output, seconds },
  outcome: "completed",
  clean: true,
});
const failed: Said = {
  result: { outcome: "failed", code: "plan_changed", sentence: "It moved.", repeatable: true, seconds, clean: true },
  outcome: "failed",
  clean: true,
};

/** The provisioner, which reads results as it reads them from S3. */
function owner() {
  const jobs = memoryStore();
  const made = world();
  const { result } = jobObjects(bucketOf(jobs), "jobs");
  const objects: World["ports"]["objects"] = {
    ...made.ports.objects,
    result: (kind, ref) => (ref.key === KEY ? result(kind, ref) : made.ports.objects.result(kind, ref)),
  };
  return { jobs, sluice: { ...made, ports: { ...made.ports, objects } } satisfies World };
}
const KEY = "results/result.json";

type Begun = Readonly<{ job: JobId; build: BuildId }> & Pick<ReturnType<typeof buildOf>, "lease" | "start">;

async function reporting(begin: (sluice: World) => Promise<Begun>): Promise<Reporting> {
  const { jobs, sluice } = owner();
  const { job, build } = await begin(sluice);
  sluice.published.length = 0;
  const { store, ports, published } = sluice;
  const settle = () => settleHeard(ports, job);
  return { store, jobs, published, job, build, started: () => sluice.builds.started.length, settle, now: ports.now };
}

async function leased(begun: Begun): Promise<Begun> {
  await begun.lease();
  return begun;
}

async function approved(sluice: World): Promise<Begun> {
  const itinerary = await accepted(sluice);
  return leased(await applyAsked(sluice, itinerary, await planned(sluice, itinerary)));
}

const kinds: [string, () => Promise<Reporting>, Said][] = [
  [
    "a plan",
    () =>
      reporting(async (sluice) => {
        await planStep(sluice.ports, stepRequest(slipAfter(await accepted(sluice)), "plan"));
        return leased(lastBuild(sluice));
      }),
    completed(planOutput()),
  ],
  ["an apply that never started", () => reporting(approved), completed(applyOutput())],
  ["an apply that never started and says why", () => reporting(approved), failed],
  [
    "an apply that started",
    () =>
      reporting(async (sluice) => {
        const build = await approved(sluice);
        await build.start(JTI);
        return build;
      }),
    completed(applyOutput()),
  ],
  [
    "a configuration",
    () =>
      reporting(async (sluice) => {
        const itinerary = await accepted(sluice);
        await applied(sluice, itinerary, await planned(sluice, itinerary));
        return leased(await configurationAsked(sluice, itinerary));
      }),
    completed({ ran: true, hosts: 1, changed: 7, ok: 21 }),
  ],
  ["a check", scanning, completed(compliance.passed.output)],
];

/** Compliance, whose scan's build has its lease. */
async function scanning(): Promise<Reporting> {
  const jobs = memoryStore();
  const made = compliance.service();
  const ports = { ...made.ports, objects: jobObjects(bucketOf(jobs), "jobs") };
  await acceptRequest(ports, compliance.accepted);
  await keepApplied(ports, compliance.applyCompleted);
  await scanStep(ports, compliance.scanRequested());
  await made.lease();
  made.published.length = 0;
  const job = JobId.parse("job_7k3m9qx2_check_1");
  const { store, now } = ports;
  const settle = () => settleScan(ports, job);
  return {
    store,
    jobs,
    published: made.published,
    job,
    build: compliance.buildId(1),
    started: made.starts,
    settle,
    now,
  };
}

/** The build says this, its owner hears of it, twice. */
async function said({ store, jobs, job, build, settle, now }: Reporting, { result, outcome, clean }: Said) {
  const { request, ...ref } = stepOfJob(job);
  const place = { environment, request, workspace: "probe-smoke", key: jobKey(ref) };
  const kept = await jobs.put(KEY, JSON.stringify(result));
  await giveReport(store, place, { build, outcome, clean, result: kept }, now);
  await settle();
  await settle();
}

describe.each(kinds)("whatever %s reports", (kind, begin, honest) => {
  const lies: [Path, To][] = [
    [["outcome"], honest.outcome === "completed" ? "failed" : "completed"],
    [["clean"], !honest.clean],
    ...leafPaths(honest.result).flatMap((path) =>
      anotherOf(isAt(honest.result, path)).map((to): [Path, To] => [["result", ...path], to]),
    ),
  ];

  it("is taken as it is where it is honest", async () => {
    const build = await begin();

    await said(build, honest);

    const types = build.published.map(({ type }) => type);
    const [mine = ""] = types;
    expect(mine).toMatch(kind === "an apply that never started" || honest === failed ? /failed/ : /completed/);
    await judge(build, build.started(), kind);
  });

  it("nothing is applied without approval, and nothing counts as applied without a spent grant", async () => {
    for (const [path, to] of lies) {
      const build = await begin();
      const before = build.started();

      await said(build, changed(honest, path, to) as Said);

      await judge(build, before, `${path.join(".")} = ${String(JSON.stringify(to))}`);
    }
    expect(lies.length).toBeGreaterThan(10);
  });
});

async function judge({ store, published, job, build, started }: Reporting, before: number, lie: string): Promise<void> {
  const { request, ...ref } = stepOfJob(job);
  const own = (await store.request(environment, request))?.jobs[jobKey(ref)];
  const types = published.map(({ type }) => type);
  const isOwn = (await store.spentGrant(environment, JTI))?.build === build;

  if (types.includes("apply.completed.v1") || (own && hasApplied(own))) expect(isOwn, lie).toBe(true);
  if (own?.kind !== "apply")
    expect(
      types.filter((type) => type.startsWith("apply.")),
      lie,
    ).toEqual([]);
  else if (!types.includes("apply.completed.v1"))
    expect(
      types.filter((type) => type.endsWith(".requested.v1")),
      lie,
    ).toEqual([]);
  if (types.includes(`${own?.kind}.completed.v1`)) expect(own?.report?.outcome, lie).toBe("completed");
  expect(own?.end, lie).toBe("reported");
  expect(started(), lie).toBe(before);
  for (const { type, data } of published)
    expect(catalogue.get(type)?.data.safeParse(data).success, `${lie}: ${type}`).toBe(true);
}
