import {
  BuildId,
  type DataOf,
  EventId,
  exampleSlip,
  JobId,
  Metadata,
  type RequestAccepted,
  RequestId,
  type Slip,
  Slip as SlipSchema,
} from "@sluice/events";
import {
  type BuildFacts,
  giveReport,
  type JobInput,
  type JobRef,
  type JobResult,
  resultKey,
  takeLease,
} from "@sluice/jobs";
import { itineraryDigest, type Owed, type StepRequest, sha256Of } from "@sluice/steps";
import { memoryJobTable } from "../../../packages/jobs/test/memory-job-table.ts";
import type { Ports, Wake } from "../src/core/ports.ts";
import { scanStep } from "../src/core/scan-step.ts";

export const request = RequestId.parse("req_7k3m9qx2");
export const environment = "staging";

/** `evt_` and this number. */
export const eventId = (n: number) => EventId.parse(`evt_${n.toString(16).padStart(32, "0")}`);

export const applied = {
  outputs: { key: "results/staging/apply/job_7k3m9qx2_apply_1/b/outputs.json", versionId: "v1", sha256: sha256Of("o") },
  shown: {},
  hosts: 0,
  resources: { added: 3, changed: 0, destroyed: 0 },
  epoch: 1,
};

const unsigned = SlipSchema.parse({
  ...exampleSlip,
  itinerary: {
    ...exampleSlip.itinerary,
    steps: [
      { name: "plan", kind: "plan", config: { root: "probe" } },
      { name: "approve", kind: "approval", config: { of: "plan", policy: "infrastructure" } },
      { name: "apply", kind: "apply", config: { plan: "plan", approval: "approve" } },
      { name: "check", kind: "scan", config: { profile: "probe", of: "apply" } },
    ],
  },
  log: [{ step: "apply", attempt: 1, output: applied }],
});
export const slip: Slip = { ...unsigned, digest: itineraryDigest(unsigned.itinerary) };

export const accepted: DataOf<typeof RequestAccepted> = { itinerary: slip.itinerary, digest: slip.digest };
export const applyCompleted = { request, step: "apply" as never, attempt: 1, output: applied as never, seconds: 41 };

export function scanRequested(changed: Partial<StepRequest["data"]> = {}, id = eventId(7)): StepRequest {
  const metadata = Metadata.parse({
    id,
    correlationId: request,
    occurredAt: "2026-11-23T12:00:00.000Z",
    actor: "service:provisioner",
  });
  const data = { request, step: "check" as never, attempt: 1, slip, ...changed };
  return { type: "scan.requested.v1", metadata, data };
}

/** A service in memory. Its wakes come back to it when `deliverWakes` is called, as a queue would bring them. */
export function service() {
  const store = memoryJobTable();
  const kept = new Map<string, StepRequest>();
  const published: Owed[] = [];
  const inputs: JobInput[] = [];
  const results = new Map<string, JobResult>();
  const over = new Map<string, BuildFacts>();
  const wakes: Wake[] = [];
  let now = 1_000_000;
  let started = 0;

  const ports: Ports = {
    store,
    early: {
      keep: async (event) => void kept.set(event.metadata.id, event),
      of: async (of) => [...kept.values()].filter(({ data }) => data.request === of),
    },
    builds: {
      async start() {
        started += 1;
        const build = buildId(started);
        over.set(build, { over: false, startedAt: now });
        return { build };
      },
      facts: async (build) => over.get(build),
    },
    objects: {
      putInput: async (input) => void inputs.push(input),
      result: (async (_, { result }) => results.get(result.key) ?? "unreadable") as Ports["objects"]["result"],
      refusal: async () => undefined,
    },
    suspect: () => undefined,
    hosts: "none",
    publish: async (owed) => void published.push(...owed),
    wake: async (messages) => void wakes.push(...messages),
    now: () => now,
  };

  return {
    ports,
    published,
    inputs,
    over,
    starts: () => started,
    types: () => published.map(({ type }) => type),
    item: () => store.request(environment, request),
    wait: (ms: number) => {
      now += ms;
    },
    async deliverWakes() {
      for (const wake of wakes.splice(0)) if (wake.message === "step.kept") await scanStep(ports, wake.event);
    },
    /** What a build does: takes the lease, and reports a result. */
    async report(result: JobResult, number = started) {
      const build = buildId(number);
      const kept = { key: resultKey(ref, build, "result.json"), versionId: "v1", sha256: sha256Of("r") };
      results.set(kept.key, result);
      await takeLease(store, ref, build, () => now);
      await giveReport(store, ref, { build, outcome: result.outcome, clean: true, result: kept });
    },
    lease: (number = started) => takeLease(store, ref, buildId(number), () => now),
  };
}

/** The job of the one scan that there is. */
export const ref: JobRef = {
  environment: slip.itinerary.environment,
  kind: "scan",
  job: JobId.parse("job_7k3m9qx2_check_1"),
};

export function buildId(number: number): BuildId {
  return BuildId.parse(`sluice-test-check-staging:00000000-0000-0000-0000-${String(number).padStart(12, "0")}`);
}

export const passed = {
  outcome: "completed",
  output: {
    evidence: {
      key: "results/staging/scan/job_7k3m9qx2_check_1/b/evidence.json",
      versionId: "v1",
      sha256: sha256Of("e"),
    },
    passed: 1,
    skipped: 0,
  },
  seconds: 6,
} as const satisfies JobResult;
