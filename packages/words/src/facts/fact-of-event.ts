import { type AnyEvent, requestEnds, type SlackIdentity, type StepSuspended, stepKinds } from "@sluice/events";
import { type Fact, type FactOf, isToldByOneOf, type Said } from "./fact.ts";

/** What a step's fact is about. An attempt has at most one fact of each phase. */
export type Phase =
  | "asked"
  | "waits"
  | "taken"
  | "opened"
  | "progress"
  | "ended"
  | "blocked"
  | "paused"
  | "stalled"
  | `decision#${string}`;

/** The fact that an event tells. What belongs to no phase of a step is kept for the timeline: one fact an event, but for what anybody can bring about by pressing on. */
export function factOf(event: AnyEvent): Fact {
  const { source: _, metadata, ...told } = event;
  const { id, correlationId, causationId, occurredAt, actor } = metadata;
  const at = Date.parse(occurredAt);
  return {
    request: correlationId,
    id,
    ...(causationId && { causationId }),
    ...placeOf(event, at),
    at,
    actor,
    ...told,
  };
}

type Place = Pick<Said, "key" | "rank">;

function placeOf(event: AnyEvent, at: number): Place {
  const told = placeOfStep(event) ?? placeOfRequest(event, at);
  if (told) return told;
  const sender = senderOf(event.data);
  if (sender && "code" in event.data) return { key: refusalKey(event.type, sender, event.data.code), rank: at };
  return { key: `told#${event.metadata.id}`, rank: 1 };
}

function placeOfStep(event: AnyEvent): Place | undefined {
  if (isToldByOneOf(asked, event)) return ofStep(event.data, "asked");
  if (isToldByOneOf(ended, event)) return ofStep("gate" in event.data ? event.data.gate : event.data, "ended");
  switch (event.type) {
    case "step.suspended.v1":
      return ofStep(event.data, "waits", placeInLine(event.data));
    case "workspace.taken.v1": {
      const { step, attempt } = event.data;
      return step && attempt ? ofStep({ step, attempt }, "taken") : undefined;
    }
    case "job.progressed.v1":
      return ofStep(event.data, "progress", event.data.sequence);
    case "approval.opened.v1":
      return ofStep(event.data.gate, "opened");
    case "decision.recorded.v1":
      return ofStep(event.data.gate, `decision#${event.data.by}#${event.data.verdict}`, Date.parse(event.data.at));
    case "workspace.blocked.v1":
      return ofStep(event.data, "blocked");
    case "workspace.refused.v1":
      return { key: unmadeKey(event.data), rank: 1 };
    case "request.paused.v1":
      return ofStep(event.data, "paused");
    case "request.stalled.v1":
      return ofStep(event.data, "stalled");
    default:
      return undefined;
  }
}

function placeOfRequest(event: AnyEvent, at: number): Place | undefined {
  if (isToldByOneOf(requestEnds, event)) return { key: END, rank: 1 };
  switch (event.type) {
    case "request.accepted.v1":
      return { key: ACCEPTED, rank: 1 };
    case "workspace.unlocked.v1":
      return { key: UNLOCKED, rank: Math.floor(at / 1_000) };
    // Asked for, and too late, as often as its requester likes.
    case "closing.completed.v1":
    case "closing.refused.v1":
      return { key: event.type, rank: at };
    default:
      return undefined;
  }
}

export const ACCEPTED = "accepted";
export const END = "end";
export const UNLOCKED = "unlocked";

const kinds = Object.values(stepKinds);
const asked = kinds.map(({ requested }) => requested);
const ended = kinds.flatMap(({ completed, failed }) => [completed, failed]);

type Attempt = Readonly<{ step: string; attempt: number }>;

const ofStep = ({ step, attempt }: Attempt, phase: Phase, rank = 1): Place => ({
  key: stepKey(step, attempt, phase),
  rank,
});

export function stepKey(step: string, attempt: number, phase: Phase): string {
  return `step#${step}#${attempt}#${phase}`;
}

/** Which step, attempt and phase a fact is about, where it is about one. */
export function stepInKey(key: string): Readonly<{ name: string; attempt: number; phase: string }> | undefined {
  const [is, name = "", attempt, ...phase] = key.split("#");
  return is === "step" ? { name, attempt: Number(attempt), phase: phase.join("#") } : undefined;
}

/** The key of what says that an attempt was asked for and never made. */
export function unmadeKey({ step, attempt }: Attempt): string {
  return `unmade#${step}#${attempt}`;
}

/** A step waits for the workspace first, moving up in line, and then for its build: the later news ranks higher. */
function placeInLine({ waitsFor, position = LAST_IN_LINE }: FactOf<typeof StepSuspended>["data"]): number {
  return waitsFor === "build" ? LAST_IN_LINE + 1 : LAST_IN_LINE - Math.min(position, LAST_IN_LINE);
}

const LAST_IN_LINE = 10_000;

const REFUSAL = "refusal#";
const refusalKey = (type: string, sender: string, code: string) => `${REFUSAL}${type}#${sender}#${code}`;

/** Whether it is a click or a proposal that came to nothing. */
export function isRefusal({ key }: Pick<Fact, "key">): boolean {
  return key.startsWith(REFUSAL);
}

/** Whether it is a step's work being asked for, which is no answer to anything. */
export function isAsked(fact: Fact): fact is FactOf<(typeof asked)[number]> {
  return isToldByOneOf(asked, fact);
}

/** A click, as a person sent it. */
type Click = AnyEvent & Readonly<{ data: Readonly<{ who: SlackIdentity }> }>;

/** What somebody clicked that came to nothing, for this reason. The newest of a person and a kind stays: pressing on a hundred times adds one fact. */
export function refusedClick(event: Click, code: string): Fact {
  const fact = factOf(event);
  return { ...fact, key: refusalKey(event.type, slackName(event.data.who), code), rank: fact.at };
}

/** What somebody wanted taken back, and may want again once it was too late. */
export function takenClick(event: Click): Fact {
  const fact = factOf(event);
  return { ...fact, key: `taken#${event.type}#${slackName(event.data.who)}`, rank: fact.at };
}

function senderOf(data: AnyEvent["data"]): string | undefined {
  if ("who" in data && data.who) return slackName(data.who);
  return "partner" in data ? data.partner : undefined;
}

const slackName = ({ team, user }: SlackIdentity) => `${team}/${user}`;
