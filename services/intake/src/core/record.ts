import type {
  EventId,
  Itinerary,
  OneOf,
  PrincipalId,
  RequestId,
  requestEnds,
  Sha256,
  SlackIdentity,
  StepName,
  StepRef,
} from "@sluice/events";
import type { Cause } from "@sluice/steps";

/** Milliseconds since 1970, UTC. */
export type Instant = number;

/** How a request ended: the event that tells it, but for its id, which follows from the cause. */
export type End = EndOf<OneOf<(typeof requestEnds)[number]>>;
type EndOf<E extends Readonly<{ type: string; data: object }>> = E extends unknown
  ? Readonly<{ type: E["type"]; data: E["data"]; cause: Cause; at: Instant }>
  : never;

/** Somebody is taking the request back; the provisioner has not answered yet. */
export type Closing = Readonly<{
  /** The click that asked for it. */
  asked: EventId;
  by: PrincipalId;
  reason?: string;
  who: SlackIdentity;
}>;

/** A new attempt that a person asked for. */
export type Repeat = Readonly<{
  step: StepName;
  attempt: number;
  /** The click that asked for it. */
  asked: EventId;
  by: PrincipalId;
  who: SlackIdentity;
  at: Instant;
  /** Set when the owner made no attempt of it. */
  refused?: true;
}>;

/** What intake has decided about a request. What it has heard lies beside it, as facts. */
export type RequestRecord = Readonly<{
  request: RequestId;
  /** Grows by one with every stored change. */
  version: number;
  /** Hash of what was proposed: the same id with other content is another proposal. */
  proposal: Sha256;
  cause: Cause;
  who?: SlackIdentity;
  askedAt: Instant;
  /** Fixed when it was accepted; absent when it was refused. */
  itinerary?: Itinerary;
  repeats: readonly Repeat[];
  closing?: Closing;
  end?: End;
  /** What was asked again without an answer, and how often. */
  nudged?: Readonly<{ asked: EventId; times: number }>;
  /** When it is looked at next. */
  dueAt?: Instant;
}>;

/**
 * How often anything of a request is attempted, refused attempts included. Facts, the picture in Slack, posts in the thread and the lines of a status grow with it,
 * and with nothing else that one person sends.
 */
export const MAX_ATTEMPTS = 20;

/** A record of an accepted request. */
export type Accepted = RequestRecord & Readonly<{ itinerary: Itinerary }>;

export function isAccepted(record: RequestRecord): record is Accepted {
  return record.itinerary !== undefined;
}

/** The record once it has ended: nobody looks at it again by itself. */
export function withEnd({ dueAt: _, nudged: __, ...record }: Accepted, end: End): Accepted {
  return { ...record, end };
}

/** Whether the owner said that it made no such attempt. */
export function isRefusedRepeat(record: RequestRecord, { step, attempt }: Pick<StepRef, "step" | "attempt">): boolean {
  return record.repeats.some((each) => each.step === step && each.attempt === attempt && each.refused);
}
