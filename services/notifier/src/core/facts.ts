import type { EventDefinition, EventOf, RequestId } from "@sluice/events";

export type AnyEvent = EventOf<Pick<EventDefinition, "type" | "data">>;

/**
 * Something that is known of a request. Facts of one key are merged by rank: the higher one stays, in whatever order they come, so that any order and any
 * repetition of events give the same picture (design §3, rule 10).
 */
export type Fact = Readonly<{
  request: RequestId;
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
  position?: number;
  by?: string;
  verdict?: string;
};

/** The facts that an event tells. Private answers are none: they are sent once and change no picture. */
export function factOf({ type, data, metadata }: AnyEvent): Fact | undefined {
  const told = data as StepData & Record<string, unknown>;
  const { step, attempt } = told.gate ?? told;
  const at = Date.parse(metadata.occurredAt);
  const fact = (key: string, rank = 1): Fact => ({
    request: metadata.correlationId,
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
  if (type === "step.suspended.v1") return ofStep("waits", told.position ? 1_000 - told.position : 1);
  if (type === "job.progressed.v1") return ofStep("progress", told.sequence ?? 1);
  if (type === "approval.opened.v1") return ofStep("opened");
  if (type === "decision.recorded.v1") return ofStep(`decision#${told.by}#${told.verdict}`);
  if (["completed", "failed", "granted", "denied"].includes(participle)) return ofStep("ended");
  if (noun === "workspace" && participle === "blocked") return fact("workspace#blocked");
  if (noun === "workspace" && participle === "unlocked") return fact("workspace#unlocked");
  if (noun === "workspace" && participle === "taken") return fact("workspace#taken");
  return undefined;
}
