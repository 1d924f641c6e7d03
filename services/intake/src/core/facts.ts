import type { EventDefinition, EventId, EventOf, RequestId } from "@sluice/events";
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
};

/** The fact that an event tells. What belongs to no phase of a step is kept for the timeline, one fact an event. */
export function factOf({ type, data, metadata }: AnyEvent): Fact {
  const told = data as Told & Record<string, unknown>;
  const { step, attempt } = told.gate ?? told;
  const phase = phaseOf(type);
  const isPhase = phase && step !== undefined && attempt !== undefined;
  return {
    request: metadata.correlationId,
    key: isPhase ? stepKey(step, attempt, phase) : `told#${metadata.id}`,
    rank: phase === "waits" ? rankOfWaiting(told.position) : 1,
    id: metadata.id,
    ...(metadata.causationId && { causationId: metadata.causationId }),
    type,
    at: Date.parse(metadata.occurredAt),
    actor: metadata.actor,
    data: told,
  };
}

/** A place further ahead in the line is the later news; to wait for a build is later than any place. */
function rankOfWaiting(position: number | undefined): number {
  return 1_000 - (position ?? 0);
}

export function stepKey(step: string, attempt: number, phase: Phase): string {
  return `step#${step}#${attempt}#${phase}`;
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
