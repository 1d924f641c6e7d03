import { type BuildId, catalogue, JobId } from "@sluice/events";
import {
  digestKeyKey,
  giveReport,
  hasApplied,
  type JobRef,
  type JobStore,
  jobKey,
  jobObjects,
  jobRefOf,
  resultKey,
  stepOfJob,
} from "@sluice/jobs";
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
  ref: JobRef;
  build: BuildId;
  /** How many builds were started so far. */
  started: () => number;
  settle: () => Promise<void>;
}>;

const environment = "staging";
const JTI = jtiOf(itineraryOf());
const seconds = 3;
const completed = (output: object): Said => ({
  result: { outcome: "completed", output, seconds },
  outcome: "completed",
  clean: true,
});
type Honest = (reporting: Pick<Reporting, "ref" | "build">) => Said;
const honestPlan: Honest = ({ ref, build }) => {
  const output = planOutput();
  const page = { ...output.page, key: resultKey(ref, build, "page.json") };
  return completed({ ...output, page, digestKey: { ...output.digestKey, key: digestKeyKey(ref, build) } });
};
const honestApply: Honest = ({ ref, build }) => {
  const output = applyOutput();
  return completed({ ...output, outputs: { ...output.outputs, key: resultKey(ref, build, "outputs.json") } });
};
const honestCheck: Honest = ({ ref, build }) => {
  const { output } = compliance.passed;
  return completed({ ...output, evidence: { ...output.evidence, key: resultKey(ref, build, "evidence.json") } });
};
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
    result: async (of, report) => {
      const known = await made.ports.objects.result(of, report);
      return known === "unreadable" ? result(of, report) : known;
    },
  };
  return { jobs, sluice: { ...made, ports: { ...made.ports, objects } } satisfies World };
}

type Begun = Readonly<{ job: JobId; build: BuildId }> & Pick<ReturnType<typeof buildOf>, "lease" | "start">;

async function reporting(begin: (sluice: World) => Promise<Begun>): Promise<Reporting> {
  const { jobs, sluice } = owner();
  const { job, build } = await begin(sluice);
  sluice.published.length = 0;
  const { store, ports, published } = sluice;
  const settle = () => settleHeard(ports, job);
  const { request, ...step } = stepOfJob(job);
  const item = await store.request(environment, request);
  const claimed = item?.jobs[jobKey(step)];
  if (!item || !claimed) throw new Error("The job is not claimed");
  const ref = jobRefOf(item, jobKey(step), claimed);
  return { store, jobs, published, ref, build, started: () => sluice.builds.started.length, settle };
}

async function leased(begun: Begun): Promise<Begun> {
  await begun.lease();
  return begun;
}

async function approved(sluice: World): Promise<Begun> {
  const itinerary = await accepted(sluice);
  return leased(await applyAsked(sluice, itinerary, await planned(sluice, itinerary)));
}

const kinds: [string, () => Promise<Reporting>, Honest][] = [
  [
    "a plan",
    () =>
      reporting(async (sluice) => {
        await planStep(sluice.ports, stepRequest(slipAfter(await accepted(sluice)), "plan"));
        return leased(lastBuild(sluice));
      }),
    honestPlan,
  ],
  ["an apply that never started", () => reporting(approved), honestApply],
  ["an apply that never started and says why", () => reporting(approved), () => failed],
  [
    "an apply that started",
    () =>
      reporting(async (sluice) => {
        const build = await approved(sluice);
        await build.start(JTI);
        return build;
      }),
    honestApply,
  ],
  [
    "a configuration",
    () =>
      reporting(async (sluice) => {
        const itinerary = await accepted(sluice);
        await applied(sluice, itinerary, await planned(sluice, itinerary));
        return leased(await configurationAsked(sluice, itinerary));
      }),
    () => completed({ ran: true, hosts: 1, changed: 7, ok: 21 }),
  ],
  ["a check", scanning, honestCheck],
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
  const { store } = ports;
  const settle = () => settleScan(ports, job);
  return {
    store,
    jobs,
    published: made.published,
    ref: compliance.ref,
    build: compliance.buildId(1),
    started: made.starts,
    settle,
  };
}

/** The build says this, its owner hears of it, twice. */
async function said({ store, jobs, ref, build, settle }: Reporting, { result, outcome, clean }: Said) {
  const kept = await jobs.put(resultKey(ref, build, "result.json"), JSON.stringify(result));
  await giveReport(store, ref, { build, outcome, clean, result: kept });
  await settle();
  await settle();
}

describe.each(kinds)("whatever %s reports", (kind, begin, honestOf) => {
  it("is taken as it is where it is honest", async () => {
    const build = await begin();

    await said(build, honestOf(build));

    const types = build.published.map(({ type }) => type);
    const [mine = ""] = types;
    expect(mine).toMatch(kind === "an apply that never started" || honestOf(build) === failed ? /failed/ : /completed/);
    await judge(build, build.started(), kind);
  });

  it("nothing is applied without approval, and nothing counts as applied without a spent grant", async () => {
    const lies = liesAbout(honestOf(await begin()));
    for (const [path, to] of lies) {
      const build = await begin();
      const before = build.started();

      await said(build, changed(honestOf(build), path, to) as Said);

      await judge(build, before, `${path.join(".")} = ${String(JSON.stringify(to))}`);
    }
    expect(lies.length).toBeGreaterThan(10);
  });
});

function liesAbout(honest: Said): [Path, To][] {
  return [
    [["outcome"], honest.outcome === "completed" ? "failed" : "completed"],
    [["clean"], !honest.clean],
    ...leafPaths(honest.result).flatMap((path) =>
      [...anotherOf(isAt(honest.result, path)), ...beyondAnyTable(isAt(honest.result, path))].map((to): [Path, To] => [
        ["result", ...path],
        to,
      ]),
    ),
  ];
}

/** What JSON takes and DynamoDB does not: kept as it is, it would fail each try to write the end. */
const beyondAnyTable = (value: unknown): To[] => (typeof value === "number" ? [1e200, 1e-200] : []);

async function judge(reporting: Reporting, before: number, lie: string): Promise<void> {
  const { store, published, ref, build, started } = reporting;
  const { request, ...step } = stepOfJob(ref.job);
  const own = (await store.request(environment, request))?.jobs[jobKey(step)];
  const report = (await store.job(ref))?.report;
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
  if (types.includes(`${own?.kind}.completed.v1`)) expect(report?.outcome, lie).toBe("completed");
  for (const { data } of published) expect(objectsOf(data), lie).toSatisfy(onlyOwn(reporting));
  expect(own?.end, lie).toBe("reported");
  expect(started(), lie).toBe(before);
  for (const { type, data } of published)
    expect(catalogue.get(type)?.data.safeParse(data).success, `${lie}: ${type}`).toBe(true);
}

/** The objects that an outcome refers to, by key. */
function objectsOf(data: object): readonly string[] {
  if (!("output" in data) || typeof data.output !== "object" || data.output === null) return [];
  return Object.values(data.output).flatMap((value) =>
    typeof value === "object" && value !== null && "key" in value ? [String(value.key)] : [],
  );
}

/** What was told names no object but the build's own. */
const onlyOwn =
  ({ ref, build }: Reporting) =>
  (keys: readonly string[]) =>
    keys.every((key) =>
      [
        digestKeyKey(ref, build),
        ...(["page.json", "outputs.json", "evidence.json"] as const).map((file) => resultKey(ref, build, file)),
      ].includes(key),
    );
