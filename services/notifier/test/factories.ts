import type { AnyEvent } from "@sluice/events";
import {
  catalogue,
  type EventDefinition,
  type EventId,
  exampleSlip,
  Itinerary,
  type PlanOutput,
  plan,
  type RequestId,
  readEvent,
  scan,
} from "@sluice/events";
import { checkLimits, type MessageContent } from "@sluice/slack";
import type { People } from "@sluice/words";
import { type Fact, factOf, type Picture, pictureOf, staysBefore } from "@sluice/words/facts";
import { hear } from "../src/core/hear.ts";
import type { Messenger, PictureStore, Place, Ports, Posted, Told } from "../src/core/ports.ts";

export const NOON = Date.UTC(2026, 10, 23, 12);
const HASH = (character: string) => character.repeat(64);

export const itinerary = (change: Record<string, unknown> = {}): Itinerary =>
  Itinerary.parse({
    ...exampleSlip.itinerary,
    request: "req_01j9k3m9qx2",
    blueprint: { id: "virtual-machine", version: 1 },
    subject: "Virtual machine web-7",
    workspace: "vm-web-7",
    parameters: { name: "web-7", size: "small" },
    steps: [
      { name: "plan", kind: "plan", config: { root: "virtual_machine" } },
      { name: "approve", kind: "approval", config: { of: "plan", policy: "infrastructure" } },
      { name: "apply", kind: "apply", config: { plan: "plan", approval: "approve" } },
      { name: "configure", kind: "configuration", config: { playbook: "virtual-machine", hosts: "apply" } },
      { name: "check", kind: "scan", config: { profile: "baseline", of: "apply" } },
    ],
    ...change,
  });
export const REQUEST: RequestId = itinerary().request;

let events = 0;
/** An event as it is heard, a minute after the one before, with the example's data where it is not said otherwise. */
export function event(
  type: string,
  data: Record<string, unknown> = {},
  change: Partial<AnyEvent["metadata"]> = {},
): AnyEvent {
  const definition = catalogue.get(type) as EventDefinition;
  events += 1;
  const example = definition.example as Record<string, unknown>;
  return readEvent({
    type: definition.type,
    source: definition.sources[0],
    metadata: {
      id: `evt_${events.toString(16).padStart(32, "0")}` as EventId,
      correlationId: REQUEST,
      occurredAt: new Date(NOON + events * 60_000).toISOString(),
      actor: "service:intake",
      ...change,
    },
    data: { ...example, ...("request" in example && { request: REQUEST }), ...data },
  });
}

export const planOutput = (change: Record<string, unknown> = {}) =>
  ({ ...plan.completed.example.output, ...change }) as PlanOutput;
/** A plan that comes to something else. */
export const planOf = (summary: Partial<PlanOutput["summary"]>, change: Partial<PlanOutput> = {}) =>
  planOutput({ summary: { ...planOutput().summary, ...summary }, ...change });
const gateOf = (attempt: number) => ({ request: REQUEST, step: "approve", attempt });

/** What can be heard of a request, by a short name. */
export const say = {
  accepted: (of = itinerary()) => event("request.accepted.v1", { itinerary: of, digest: HASH("0") }),
  waits: (step: string, data = {}, attempt = 1) => event("step.suspended.v1", { step, attempt, ...data }),
  taken: (step = "plan", attempt = 1) =>
    event("workspace.taken.v1", { step, attempt, environment: "staging", workspace: "vm-web-7" }),
  progress: (step: string, sequence: number, doing = "Creating aws_instance.this", attempt = 1) =>
    event("job.progressed.v1", { step, attempt, sequence, doing, seconds: 20 }),
  planned: (output = planOutput(), attempt = 1) =>
    event("plan.completed.v1", { step: "plan", attempt, output, seconds: 41 }),
  opened: (data = {}, attempt = 1) =>
    event("approval.opened.v1", {
      gate: gateOf(attempt),
      of: { step: "plan", attempt },
      until: new Date(NOON + 4 * 3_600_000).toISOString(),
      ...data,
    }),
  recorded: (by: string, have = 1, needed = 1, data = {}) => {
    const at = new Date(NOON + events * 60_000).toISOString();
    return event("decision.recorded.v1", { gate: gateOf(1), by, have, needed, verdict: "approve", at, ...data });
  },
  granted: (attempt = 1, data = {}) => event("approval.granted.v1", { gate: gateOf(attempt), ...data }),
  denied: (data = {}) => event("approval.denied.v1", { gate: gateOf(1), ...data }),
  applied: (attempt = 1, data = {}) => event("apply.completed.v1", { step: "apply", attempt, seconds: 62, ...data }),
  configured: (attempt = 1, output = {}) =>
    event("configuration.completed.v1", {
      step: "configure",
      attempt,
      seconds: 80,
      output: { ran: true, hosts: 1, changed: 7, ok: 21, ...output },
    }),
  checked: (attempt = 1, output = {}) =>
    event("scan.completed.v1", {
      step: "check",
      attempt,
      seconds: 9,
      output: {
        ...scan.completed.example.output,
        passed: 6,
        skipped: 0,
        ...output,
      },
    }),
  failed: (kind: string, step: string, sentence: string, attempt = 1, code = "it_failed") =>
    event(`${kind}.failed.v1`, { step, attempt, code, sentence, seconds: 12 }),
  paused: (step: string, reason: string, sentence: string, attempt = 1) =>
    event("request.paused.v1", {
      step,
      attempt,
      reason,
      sentence,
      until: new Date(NOON + 7 * 86_400_000).toISOString(),
    }),
  completed: () => event("request.completed.v1", { seconds: 184 }),
};

/** From the acceptance to the end, as it mostly goes. */
export const wholeStory = () => [
  say.accepted(),
  say.waits("plan", { waitsFor: "workspace", holder: "req_00000000", position: 2 }),
  say.waits("plan", { waitsFor: "workspace", holder: "req_00000000", position: 1 }),
  say.taken(),
  say.waits("plan", { waitsFor: "build" }),
  say.progress("plan", 1),
  say.planned(),
  say.opened(),
  say.recorded("person_carol"),
  say.granted(),
  say.progress("apply", 1),
  say.progress("apply", 2, "Creating aws_ebs_volume.data"),
  say.applied(),
  say.configured(),
  say.checked(),
  say.completed(),
];

/** The facts that stay, in whatever order these were heard. */
export function factsOf(heard: readonly AnyEvent[]): readonly Fact[] {
  const kept = new Map<string, Fact>();
  for (const fact of heard.map(factOf)) {
    const there = kept.get(fact.key);
    if (!there || !staysBefore(there, fact)) kept.set(fact.key, fact);
  }
  return [...kept.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}
export function pictureAfter(...heard: readonly AnyEvent[]): Picture {
  const picture = pictureOf(factsOf(heard));
  if (!picture) throw new Error("Nobody told of the acceptance");
  return picture;
}

const names: Readonly<Record<string, string>> = {
  person_ada: "Ada",
  person_bob: "Bob",
  person_carol: "Carol",
  person_dan: "Dan",
};
export const people: People = {
  slackUser: (id) => (id in names ? `U${id.slice("person_".length).toUpperCase()}` : undefined),
  name: (id) => names[id] ?? id,
  userGroup: () => undefined,
  members: () => [],
};

/** All that is written on a message, without marks of ours for bold and the like. */
export function wordsOf(message: MessageContent | undefined): string {
  const texts = (value: unknown): string[] => {
    if (Array.isArray(value)) return value.flatMap(texts);
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, each]) =>
      key === "text" && typeof each === "string" ? [each] : texts(each),
    );
  };
  return texts(message?.blocks ?? [])
    .join("\n")
    .replace(/<!date\^\d+\^[^|]+\|([^>]+)>/g, "$1")
    .replaceAll("*", "");
}

type Pressed = Readonly<{ action_id?: string; value?: string }>;

/** The buttons of a message, as Slack is given them. */
export function actionsIn(message: MessageContent | undefined): readonly Pressed[] {
  const blocks = (message?.blocks ?? []) as readonly { type: string; elements?: Pressed[] }[];
  return blocks.flatMap(({ type, elements = [] }) => (type === "actions" ? elements : []));
}

/** Buttons by their action id, with their values. */
export function buttonsIn(message: MessageContent | undefined): Record<string, string | undefined> {
  return Object.fromEntries(actionsIn(message).map(({ action_id, value }) => [action_id, value]));
}

/** Slack as the notifier sees it: what stands in it now, and every call in its order. */
export function fakeSlack() {
  const standing = new Map<string, MessageContent>();
  const calls: {
    call: "post" | "update" | "whisper";
    channel: string;
    ts?: string;
    threadTs?: string;
    message: MessageContent;
    user?: string;
  }[] = [];
  /** Asked before each call: an answer instead of Slack's own. */
  const faults: (() => Promise<Posted<never> | undefined> | Posted<never> | undefined)[] = [];
  const instead = async () => faults.shift()?.();
  const messenger: Messenger = {
    async post(channel, message, threadTs) {
      const fault = await instead();
      if (fault) return fault;
      if (checkLimits(message).length > 0) return { never: "invalid_blocks" };
      const ts = `1.${calls.length}`;
      calls.push({ call: "post", channel, ts, message, ...(threadTs && { threadTs }) });
      standing.set(ts, message);
      return { done: { channel, ts } };
    },
    async update({ channel, ts }, message) {
      const fault = await instead();
      if (fault) return fault;
      calls.push({ call: "update", channel, ts, message });
      standing.set(ts, message);
      return { done: undefined };
    },
    async whisper(channel, user, text) {
      const fault = await instead();
      if (fault) return fault;
      calls.push({ call: "whisper", channel, user, message: { text } });
      return { done: undefined };
    },
  };
  return { messenger, standing, calls, faults };
}

/** Keeps to the same conditions as the table does. */
export function memoryStore(): PictureStore & {
  dueAt: number | undefined;
  places: Map<string, Place>;
  told: ReadonlyMap<string, string>;
} {
  const facts = new Map<string, Fact>();
  const places = new Map<string, Place>();
  const told = new Map<string, string>();
  const toldKey = ({ to, kind }: Told) => `${to.team}/${to.user}#${kind}`;
  let [changed, rendered] = [0, 0];
  let lease: { holder: string; until: number } | undefined;
  const store = {
    places,
    told,
    dueAt: undefined as number | undefined,
    async keep(fact: Fact) {
      const there = facts.get(fact.key);
      if (!there || !staysBefore(there, fact)) facts.set(fact.key, fact);
    },
    async noteHeard(request: RequestId, holder: string, now: number) {
      changed += 1;
      store.dueAt = now + 45_000;
      return store.takeLease(request, holder, now);
    },
    facts: async () => [...facts.values()].sort((a, b) => (a.key < b.key ? -1 : 1)),
    async takeLease(_request: RequestId, holder: string, now: number) {
      if (lease && lease.until >= now) return undefined;
      lease = { holder, until: now + 20_000 };
      return {
        changed,
        rendered,
        places: Object.fromEntries(places),
        ...(store.dueAt !== undefined && { dueAt: store.dueAt }),
      };
    },
    notePlace: async (_request: RequestId, name: string, place: Place) => void places.set(name, place),
    async release(_request: RequestId, holder: string, upTo: number, againAt?: number) {
      if (lease?.holder !== holder) return false;
      lease = undefined;
      rendered = upTo;
      if (changed > upTo) return false;
      store.dueAt = againAt;
      return true;
    },
    async postpone(_request: RequestId, holder: string, againAt: number) {
      if (lease?.holder !== holder) return;
      lease = undefined;
      store.dueAt = againAt;
    },
    wasTold: async (answer: Told) => told.get(toldKey(answer)) === answer.event,
    noteTold: async (answer: Told) => void told.set(toldKey(answer), answer.event),
  };
  return store;
}

/** The service with everything around it in memory. Time stands still until it is moved. */
export function world(known: People = people) {
  const clock = { now: NOON };
  const slack = fakeSlack();
  const store = memoryStore();
  let holders = 0;
  const ports: Ports = {
    store,
    messenger: slack.messenger,
    people: async () => known,
    channel: (place) => ({ staging: "CSTAGING", approvers: "CAPPROVERS" })[place],
    holder: () => `holder-${++holders}`,
    now: () => clock.now,
  };
  const hearAll = async (...heard: readonly AnyEvent[]) => {
    for (const each of heard) await hear(ports, each);
  };
  /** What stands in a channel, without threads. */
  const inChannel = (channel: string) =>
    slack.calls
      .filter((each) => each.call === "post" && each.channel === channel && !each.threadTs)
      .map(({ ts = "" }) => slack.standing.get(ts));
  const inThread = () => slack.calls.flatMap((each) => (each.threadTs ? [each.message.text] : []));
  return { ports, store, slack, clock, hearAll, inChannel, inThread };
}
