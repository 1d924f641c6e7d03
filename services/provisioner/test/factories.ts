import { generateKeyPairSync } from "node:crypto";
import { probe } from "@sluice/blueprints";
import {
  type ApplyOutput,
  BuildId,
  type EventId,
  eventId,
  type Itinerary,
  Itinerary as ItinerarySchema,
  type JobId,
  type ObjectRef,
  type PlanOutput,
  PlanOutput as PlanOutputSchema,
  plan,
  RequestId,
  type Slip,
  type StepName,
} from "@sluice/events";
import {
  type BuildFacts,
  type Builds,
  giveReport,
  itemOf,
  type JobInput,
  type JobItem,
  type JobObjects,
  type JobResult,
  jobKey,
  jobRefOf,
  type LeaseRefusal,
  type Refused,
  resultKey,
  type StartRefusal,
  stepOfJob,
  takeLease,
  takeStart,
} from "@sluice/jobs";
import { memoryJobTable } from "@sluice/jobs/memory";
import {
  digestOf,
  type GrantClaims,
  grantedPlan,
  newSlip,
  type Owed,
  type StepRequest,
  sha256Of,
  withOutput,
} from "@sluice/steps";
import { CompactSign } from "jose";
import type { Ports, Wake } from "../src/core/ports.ts";

const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
export const publicKey = keys.publicKey.export({ type: "spki", format: "pem" }).toString();

export const ADA = { team: "T024BE7LD", user: "U024ADA" };
export const DAN = { team: "T024BE7LD", user: "U024DAN" };

/** A service with everything around it in memory. Time stands still until it is moved. */
export function world() {
  const store = memoryJobTable();
  const early = new Map<string, StepRequest>();
  const published: Owed[] = [];
  const wakes: Wake[] = [];
  const suspected: string[] = [];
  const builds = fakeBuilds();
  const objects = fakeObjects();
  const clock = { now: Date.parse("2026-11-23T12:00:00Z") };

  const ports: Ports = {
    store,
    early: {
      keep: async (event) => void early.set(event.metadata.id, event),
      of: async (request) => [...early.values()].filter((event) => event.data.request === request),
    },
    builds,
    objects,
    grantKey: async () => publicKey,
    directory: async () => ({
      version: "d1",
      directory: {
        principals: [
          { id: "person_ada", name: "Ada", active: true, slack: ADA },
          { id: "person_dan", name: "Dan", active: true, slack: DAN },
        ],
        groups: { operators: { members: ["person_dan"] } },
        operators: "operators",
        ask: [],
        see: [],
      } as never,
    }),
    environments: {},
    suspect: ({ job }, what) => void suspected.push(`${job}: ${what}`),
    hosts: "none",
    publish: async (owed) => void published.push(...owed),
    wake: async (messages) => void wakes.push(...messages),
    now: () => clock.now,
  };
  return { ports, store, builds, objects, published, wakes, suspected, clock, early };
}
export type World = ReturnType<typeof world>;

export function itineraryOf(request = "req_7k3m9qx2", name = "smoke"): Itinerary {
  return ItinerarySchema.parse({
    request,
    requester: "person_ada",
    blueprint: { id: probe.id, version: probe.version },
    subject: `Probe ${name}`,
    environment: "staging",
    workspace: `probe-${name}`,
    parameters: { name },
    steps: probe.steps,
    code: { key: `releases/${"0".repeat(64)}.tar.gz`, versionId: "v1", sha256: "0".repeat(64) },
    askedAt: "2026-11-23T12:00:00.000Z",
  });
}

export function idOf(cause: string): EventId {
  return eventId({ request: "req_7k3m9qx2", type: "test", cause });
}

/** A `<kind>.requested` for one step of a request. */
export function stepRequest(
  slip: Slip,
  step: string,
  attempt = 1,
  cause = `${slip.itinerary.request}-${step}-${attempt}`,
): StepRequest {
  const kind = slip.itinerary.steps.find(({ name }) => name === step)?.kind;
  return {
    type: `${kind}.requested.v1`,
    metadata: { id: idOf(cause), actor: "service:intake" },
    data: { request: slip.itinerary.request, step: step as StepName, attempt, slip },
  };
}

export function planOutput(epoch = 0, build = "b"): PlanOutput {
  return PlanOutputSchema.parse({
    ...(plan.completed.example as { output: object }).output,
    epoch,
    changeDigest: digestOf(build),
  });
}

export const applyOutput = (epoch = 1): ApplyOutput => ({
  outputs: objectRef("outputs"),
  shown: {},
  hosts: 0,
  resources: { added: 3, changed: 0, destroyed: 0 },
  epoch,
});

export function objectRef(name: string): ObjectRef {
  return { key: `results/${name}.json`, versionId: "v1", sha256: sha256Of(name) };
}

/** A grant as approvals signs it, with whatever a test wants to be different. */
export async function grantFor(
  itinerary: Itinerary,
  output: PlanOutput,
  { attempt = 1, now = 0, change = {} }: { attempt?: number; now?: number; change?: Partial<GrantClaims> } = {},
): Promise<string> {
  const claims = {
    jti: digestOf([itinerary.request, "approve", attempt]),
    request: itinerary.request,
    itinerary: digestOf(itinerary),
    environment: itinerary.environment,
    workspace: itinerary.workspace,
    gate: { step: "approve", attempt },
    plan: grantedPlan({ step: "plan", attempt }, output),
    decidedBy: ["person_carol"],
    iat: Math.floor(now / 1_000),
    exp: Math.floor(now / 1_000) + 3_600,
    ...change,
  };
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: "ES256" })
    .sign(keys.privateKey);
}

/** A slip with the outputs of steps that are done. */
export function slipAfter(
  itinerary: Itinerary,
  done: readonly (readonly [step: string, attempt: number, output: object])[] = [],
): Slip {
  return done.reduce(
    (slip, [step, attempt, output]) => withOutput(slip, step as StepName, attempt, output as never),
    newSlip(itinerary),
  );
}

/** What a build does to the world, step by step, as the runner does it. */
export function buildOf({ ports, objects }: World, job: JobId, build: BuildId) {
  const { store, now } = ports;
  const { request, ...step } = stepOfJob(job);
  const key = jobKey(step);
  const found = async () => {
    const item = await itemOf(store, request);
    const claimed = item?.jobs[key];
    if (!item || !claimed) throw new Error(`${request} has no job ${key}`);
    return { item, ref: jobRefOf(item, key, claimed) };
  };
  return {
    lease: async (): Promise<JobItem | LeaseRefusal> => takeLease(store, (await found()).ref, build, now),
    start: async (jti: string, epoch = 0): Promise<"started" | StartRefusal> => {
      const { item, ref } = await found();
      const place = { request, workspace: item.workspace, key };
      return takeStart(store, ref, place, { build, grant: { jti, plan: { epoch } } }, now);
    },
    report: async (result: JobResult, clean = true) => {
      const { ref } = await found();
      const kept = { ...objectRef(`${job}/${build}`), key: resultKey(ref, build, "result.json") };
      objects.results.set(kept.key, result);
      return giveReport(store, ref, { build, outcome: result.outcome, clean, result: kept });
    },
  };
}

function fakeBuilds() {
  const started: { job: JobId; number: number; build: BuildId }[] = [];
  const over = new Set<string>();
  const forgotten = new Set<string>();
  const next: { refuse?: string; fail?: Error } = {};
  const port: Builds = {
    async start({ id }, number) {
      if (next.fail) throw next.fail;
      if (next.refuse) return { refused: next.refuse };
      const build = BuildId.parse(`sluice-test:${(started.length + 1).toString(16).padStart(36, "0")}`);
      started.push({ job: id, number, build });
      return { build };
    },
    facts: async (build): Promise<BuildFacts | undefined> =>
      forgotten.has(build)
        ? undefined
        : { over: over.has(build), startedAt: 1_000, ...(over.has(build) && { endedAt: 2_000 }) },
  };
  return {
    ...port,
    started,
    next,
    end: (build: BuildId) => void over.add(build),
    /** A build that CodeBuild does not know for the job that is asked about. */
    forget: (build: BuildId) => void forgotten.add(build),
  };
}

function fakeObjects() {
  const inputs: JobInput[] = [];
  const results = new Map<string, JobResult>();
  const refusals = new Map<string, Refused>();
  const port: JobObjects = {
    putInput: async (input) => void inputs.push(input),
    result: (async (_, { result }) => results.get(result.key) ?? "unreadable") as JobObjects["result"],
    refusal: async ({ job }) => refusals.get(job),
  };
  return { ...port, inputs, results, refusals };
}

export const requestIdOf = (text: string): RequestId => RequestId.parse(text);
