import { Directory } from "@sluice/directory";
import type { AnyEvent } from "@sluice/events";
import {
  apply,
  type BuildId,
  catalogue,
  type EventDefinition,
  eventId,
  ObjectRef,
  type OneOf,
  PrincipalId,
  plan,
  RequestId,
  RequestProposed,
  readEvent,
  type Slip,
  StepName,
  scan,
} from "@sluice/events";
import { newSlip, type Owed } from "@sluice/steps";
import { peopleIn } from "@sluice/words";
import type { Fact } from "@sluice/words/facts";
import type { Entry } from "../src/core/inventory.ts";
import type { Ports, RequestStore } from "../src/core/ports.ts";
import { proposeByPerson } from "../src/core/propose.ts";
import { nothingUsed, type Used } from "../src/core/quotas.ts";
import type { RequestRecord } from "../src/core/record.ts";

export const request = RequestId.parse("req_7k3m9qx2");
export const noon = Date.parse("2026-11-23T12:00:00.000Z");
export const MINUTE = 60_000;
export const team = "T024BE7LD";
export const slackUsers = {
  ada: "U024ADA",
  bob: "U024BOB",
  carol: "U024CAROL",
  dan: "U024DAN",
  gone: "U024GONE",
  eve: "U024EVE",
};

export const directory = Directory.parse({
  principals: [
    person("ada"),
    person("bob"),
    person("carol"),
    person("dan"),
    { ...person("gone"), active: false },
    {
      id: "system_pipeline",
      name: "Pipeline",
      active: true,
      system: { account: "333333333333", source: "partner.pipeline" },
    },
  ],
  groups: {
    members: { members: ["person_ada", "person_carol", "person_dan", "system_pipeline"] },
    infrastructure: { members: ["person_carol"] },
    operators: { members: ["person_dan"] },
  },
  operators: "operators",
  ask: [{ groups: ["members"], blueprints: "*", environments: ["sandbox", "staging"] }],
  see: [{ groups: ["infrastructure"], blueprints: "*", environments: "*" }],
});

export const environments = {
  sandbox: { account: "111111111111", region: "eu-west-1", images: { ubuntu: "ami-1" }, reasonRequired: false },
  staging: { account: "222222222222", region: "eu-west-1", images: { ubuntu: "ami-2" }, reasonRequired: true },
};

export const code = ObjectRef.parse({
  key: `releases/${"0".repeat(64)}.tar.gz`,
  versionId: "v1",
  sha256: "0".repeat(64),
});

function person(name: string) {
  return {
    id: `person_${name}`,
    name: name.charAt(0).toUpperCase() + name.slice(1),
    active: true,
    slack: { team, user: `U024${name.toUpperCase()}` },
  };
}

/** A store that keeps what it is given, with the same conditions as the table. */
export function memoryStore(): RequestStore & {
  records: Map<string, RequestRecord>;
  kept: Map<string, Fact>;
  inventory(environment: string): Promise<readonly Entry[]>;
} {
  const stands = new Map<string, { epoch: number; entry?: Entry }>();
  const records = new Map<string, RequestRecord>();
  const kept = new Map<string, Fact>();
  const usedBy = new Map<string, Used>();
  return {
    records,
    kept,
    request: async (id) => records.get(id),
    async putIfAbsent(record) {
      const there = records.get(record.request);
      if (!there) records.set(record.request, record);
      return there ?? record;
    },
    async replace(before, after) {
      if (records.get(before.request)?.version !== before.version) return false;
      records.set(before.request, { ...after, version: before.version + 1 });
      return true;
    },
    used: async (principal) => usedBy.get(principal) ?? nothingUsed(principal),
    async replaceUsed({ principal, version }, after) {
      if ((usedBy.get(principal)?.version ?? 0) !== version) return false;
      usedBy.set(principal, { ...after, version: version + 1 });
      return true;
    },
    async keep(fact) {
      const key = `${fact.request}/${fact.key}`;
      const there = kept.get(key);
      if (!there || there.rank < fact.rank) kept.set(key, fact);
    },
    facts: async (id) =>
      [...kept.values()].filter((fact) => fact.request === id).sort((a, b) => (a.key < b.key ? -1 : 1)),
    async keepInventory({ entry, epoch, removed }) {
      const key = `${entry.environment}/${entry.workspace}`;
      const there = stands.get(key);
      if (there && there.epoch >= epoch) return;
      const { since = entry.since, owner = entry.owner } = there?.entry ?? {};
      stands.set(key, { epoch, ...(!removed && { entry: { ...entry, since, owner } }) });
    },
    inventory: async (environment) =>
      [...stands.values()].flatMap(({ entry }) => (entry?.environment === environment ? [entry] : [])),
  };
}

/** Intake in memory: what it published, by type, and a clock that is moved by hand. */
export function world(given: Partial<Ports> = {}) {
  const published: Owed[] = [];
  const clock = { now: noon };
  const store = memoryStore();
  const ports: Ports = {
    store,
    directory: async () => directory,
    publish: async (owed) => {
      for (const event of owed) {
        catalogue.get(event.type)?.data.parse(event.data); // As the publisher does: what we send is what we said.
        published.push(event);
      }
    },
    environments,
    partners: [
      {
        account: "333333333333",
        source: "partner.pipeline",
        blueprints: ["probe"],
        principal: PrincipalId.parse("system_pipeline"),
      },
    ],
    code,
    quotas: { openRequests: 20, plansAnHour: 30, proposalsAnHour: 60 },
    now: () => clock.now,
    ...given,
  };
  const types = () => published.map(({ type }) => type);
  const take = () => published.splice(0);
  return { ports, store, clock, published, types, take };
}

/** Somebody who reads a status and knows everybody by their id. */
export const reader = {
  people: peopleIn(undefined),
  logUrl: () => "https://log.example",
};

let serial = 0;

/** An event as it comes from its first source. The same `cause` gives the same id. */
export function told<const D extends Pick<EventDefinition, "type" | "sources" | "data">>(
  definition: D,
  data: object,
  given: { cause?: string; causationId?: string; actor?: string; at?: number; source?: string; id?: string } = {},
): OneOf<D> {
  const id = given.id ?? eventId({ request, type: definition.type, cause: given.cause ?? `told ${serial++}` });
  return {
    type: definition.type,
    source: given.source ?? definition.sources[0],
    metadata: {
      id,
      correlationId: request,
      ...(given.causationId && { causationId: given.causationId }),
      occurredAt: new Date(given.at ?? noon).toISOString(),
      actor: given.actor ?? "service:test",
    },
    data: definition.data.parse(data),
  } as OneOf<D>;
}

/** One of our own published events as it comes back over the bus. */
export function heardBack({ id, type, causationId, actor, data }: Owed, at = noon): AnyEvent {
  const definition = catalogue.get(type);
  if (!definition) throw new Error(`No event ${type}`);
  const metadata = {
    id,
    correlationId: request,
    ...(causationId && { causationId }),
    occurredAt: new Date(at).toISOString(),
    actor,
  };
  return readEvent({ type, source: definition.sources[0], metadata, data });
}

export function proposed(given: Record<string, unknown> = {}, who = slackUsers.ada) {
  return told(
    RequestProposed,
    {
      request,
      blueprint: "probe",
      environment: "staging",
      reason: "load test",
      parameters: { name: "smoke" },
      who: { team, user: who },
      signedAt: new Date(noon).toISOString(),
      ...given,
    },
    { cause: JSON.stringify([given, who]) },
  );
}

export const step = (name: string, attempt = 1) => ({ request, step: StepName.parse(name), attempt });
export const gate = (attempt = 1) => ({ gate: step("approve", attempt) });

const planBuild = "sluice-test-plan-staging:6b0a2f0e-51c5-4f0a-8b8e-3a9a4b0c1d2e" as BuildId;
export const outcomes = {
  plan: (attempt = 1) =>
    told(
      plan.completed,
      { ...step("plan", attempt), output: plan.example, seconds: 4, build: planBuild },
      { cause: `plan ${attempt}`, at: noon + MINUTE },
    ),
  planFailed: (attempt = 1) =>
    told(plan.failed, { ...step("plan", attempt), ...failure }, { cause: `plan failed ${attempt}` }),
  apply: (attempt = 1) =>
    told(
      apply.completed,
      { ...step("apply", attempt), output: apply.example, seconds: 4 },
      { cause: `apply ${attempt}` },
    ),
  applyFailed: (attempt = 1) =>
    told(apply.failed, { ...step("apply", attempt), ...failure }, { cause: `apply failed ${attempt}` }),
  check: (attempt = 1) =>
    told(
      scan.completed,
      { ...step("check", attempt), output: scan.example, seconds: 4 },
      { cause: `check ${attempt}`, at: noon + 5 * MINUTE },
    ),
};

export const failure = {
  code: "terraform_failed",
  sentence: "It did not work. Nothing was changed.",
  repeatable: true,
  seconds: 3,
};

/** The slip that the acceptance of `proposed()` fixes. */
export const acceptedSlip: Slip = await (async () => {
  const { ports, store } = world();
  await proposeByPerson(ports, proposed());
  const itinerary = store.records.get(request)?.itinerary;
  if (!itinerary) throw new Error("The proposal of the tests was not accepted");
  return newSlip(itinerary);
})();
