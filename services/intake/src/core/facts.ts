import {
  ClosingCompleted,
  ClosingRefused,
  type EventDefinition,
  type EventId,
  type EventOf,
  type RequestId,
  type SlackIdentity,
} from "@sluice/events";
import type { Instant } from "./record.ts";

export type AnyEvent = EventOf<Pick<EventDefinition, "type" | "data">>;

/**
 * Something that was heard of a request, kept as it came. Facts of one key are merged by rank: the higher one stays, whatever the order, so that any order and any
 * repetition of events give the same picture (design §3, rule 10).
 */
export type Fact = Readonly<{
  request: RequestId;
  key: string;
  rank: number;
  /** The event that told it. */
  id: EventId;
  causationId?: EventId;
  type: string;
  at: Instant;
  actor: string;
  data: Readonly<Record<string, unknown>>;
}>;

/** What a step's fact is about. An attempt has at most one fact of each phase. */
export type Phase = "asked" | "waits" | "taken" | "opened" | "ended";

type Told = {
  step?: string;
  attempt?: number;
  gate?: { step: string; attempt: number };
  position?: number;
  code?: string;
  who?: SlackIdentity;
  partner?: string;
};

/** The fact that an event tells. What belongs to no phase of a step is kept for the timeline: one fact an event, but for what anybody can bring about by pressing on. */
export function factOf({ type, data, metadata }: AnyEvent): Fact {
  const told = data as Told & Record<string, unknown>;
  const { step, attempt } = told.gate ?? told;
  const at = Date.parse(metadata.occurredAt);
  const phase = phaseOf(type);
  const isPhase = phase && step !== undefined && attempt !== undefined;
  const fact = (key: string, rank: number): Fact => ({
    request: metadata.correlationId,
    key,
    rank,
    id: metadata.id,
    ...(metadata.causationId && { causationId: metadata.causationId }),
    type,
    at,
    actor: metadata.actor,
    data: told,
  });
  if (isPhase) return fact(stepKey(step, attempt, phase), phase === "waits" ? rankOfWaiting(told.position) : 1);
  const sender = told.who ? senderOf(told.who) : told.partner;
  if (told.code !== undefined && sender) return fact(refusedKey(type, sender, told.code), at);
  return closings.includes(type) ? fact(type, at) : fact(`told#${metadata.id}`, 1);
}

/** A closing may be asked for, and be too late, as often as its requester likes. */
const closings: readonly string[] = [ClosingCompleted.type, ClosingRefused.type];

/** What somebody clicked that came to nothing, for this reason. The newest of a person and a kind stays: pressing on a hundred times adds one fact. */
export function refusedClick(event: AnyEvent & ByPerson, code: string): Fact {
  const fact = factOf(event);
  return { ...fact, key: refusedKey(event.type, senderOf(event.data.who), code), rank: fact.at };
}

/** What somebody wanted taken back, and may want again once it was too late. */
export function takenClick(event: AnyEvent & ByPerson): Fact {
  const fact = factOf(event);
  return { ...fact, key: `taken#${event.type}#${senderOf(event.data.who)}`, rank: fact.at };
}

type ByPerson = Readonly<{ data: Readonly<{ who: SlackIdentity }> }>;

const REFUSED = "refused#";
const refusedKey = (type: string, sender: string, code: string) => `${REFUSED}${type}#${sender}#${code}`;
const senderOf = ({ team, user }: SlackIdentity) => `${team}/${user}`;

/** Whether it is a click or a proposal that came to nothing. */
export function isRefused({ key }: Pick<Fact, "key">): boolean {
  return key.startsWith(REFUSED);
}

/** A place further ahead in the line is the later news; to wait for a build is later than any place. */
function rankOfWaiting(position: number | undefined): number {
  return 1_000 - (position ?? 0);
}

export function stepKey(step: string, attempt: number, phase: Phase): string {
  return `step#${step}#${attempt}#${phase}`;
}

/** Which step and attempt a fact is about, where it is about one. */
export function stepInKey(key: string): Readonly<{ name: string; attempt: number }> | undefined {
  const [is, name = "", attempt] = key.split("#");
  return is === "step" ? { name, attempt: Number(attempt) } : undefined;
}

/** Whether it is a step's work being asked for, which is no answer to anything. */
export function isAsked({ key }: Pick<Fact, "key">): boolean {
  return key.endsWith("#asked");
}

function phaseOf(type: string): Phase | undefined {
  if (type === "approval.opened.v1") return "opened";
  if (type === "step.suspended.v1") return "waits";
  if (type === "workspace.taken.v1") return "taken";
  const [noun, participle = ""] = type.split(".");
  if (noun && notSteps.includes(noun)) return undefined;
  if (participle === "requested") return "asked";
  return ["completed", "failed", "granted", "denied"].includes(participle) ? "ended" : undefined;
}

/** Nouns that have participles of steps and are none. */
const notSteps = ["request", "workspace", "closing"];
