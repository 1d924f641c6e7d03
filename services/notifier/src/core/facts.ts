import type { EventDefinition, EventId, EventOf, RequestId } from "@sluice/events";

export type AnyEvent = EventOf<Pick<EventDefinition, "type" | "data">>;

/**
 * Something that is known of a request. Facts of one key are merged by rank, and by event id where ranks are equal: the higher one stays, in whatever order
 * they come, so that any order and any repetition of events give the same picture (design §3, rule 10).
 */
export type Fact = Readonly<{
  request: RequestId;
  /** The event that told it. */
  id: EventId;
  key: string;
  rank: number;
  type: string;
  /** Milliseconds since 1970, by the publisher's word. */
  at: number;
  actor: string;
  data: Readonly<Record<string, unknown>>;
}>;

type StepData = {
  step?: string;
  attempt?: number;
  gate?: { step: string; attempt: number };
  sequence?: number;
  waitsFor?: string;
  position?: number;
  by?: string;
  verdict?: string;
  at?: string;
};

/** The facts that an event tells. Private answers are none: they are sent once and change no picture. */
export function factOf({ type, data, metadata }: AnyEvent): Fact | undefined {
  const told = data as StepData & Record<string, unknown>;
  const { step, attempt } = told.gate ?? told;
  const at = Date.parse(metadata.occurredAt);
  const fact = (key: string, rank = 1): Fact => ({
    request: metadata.correlationId,
    id: metadata.id,
    key,
    rank,
    type,
    at,
    actor: metadata.actor,
    data: told,
  });
  const ofStep = (phase: string, rank = 1) => fact(`step#${step}#${attempt}#${phase}`, rank);

  const [noun = "", participle = ""] = type.split(".");
  if (type === "request.accepted.v1") return fact("accepted");
  if (type === "request.paused.v1") return ofStep("paused");
  if (type === "request.stalled.v1") return ofStep("stalled");
  if (noun === "request") return fact("end");
  if (type === "step.suspended.v1") return ofStep("waits", placeInLine(told));
  if (type === "job.progressed.v1") return ofStep("progress", told.sequence ?? 1);
  if (type === "approval.opened.v1") return ofStep("opened");
  if (type === "decision.recorded.v1") return ofStep(`decision#${told.by}#${told.verdict}`, Date.parse(told.at ?? ""));
  if (["completed", "failed", "granted", "denied"].includes(participle)) return ofStep("ended");
  if (type === "workspace.refused.v1") return fact(`refused#${step}#${attempt}`);
  if (type === "workspace.blocked.v1") return ofStep("blocked");
  if (type === "workspace.taken.v1" && step) return ofStep("taken");
  if (type === "workspace.unlocked.v1") return fact("unlocked", Math.floor(at / 1_000));
  return undefined;
}

/** A step waits for the workspace first, moving up in line, and then for its build. */
function placeInLine({ waitsFor, position = LAST_IN_LINE }: StepData): number {
  return waitsFor === "build" ? LAST_IN_LINE + 1 : LAST_IN_LINE - Math.min(position, LAST_IN_LINE);
}

const LAST_IN_LINE = 10_000;

/** Whether a fact stays when the other one of its key comes. A repeat of an event is the same fact. */
export function staysBefore(there: Pick<Fact, "rank" | "id">, other: Pick<Fact, "rank" | "id">): boolean {
  return there.rank !== other.rank ? there.rank > other.rank : there.id >= other.id;
}
