import {
  ApprovalDenied,
  ApprovalGranted,
  type ApprovalOpened,
  apply,
  configuration,
  type DataOf,
  type Itinerary,
  type JobProgressed,
  plan,
  type RequestAccepted,
  type StepSuspended,
  scan,
} from "@sluice/events";
import type * as z from "zod";
import type { Fact } from "./facts.ts";

export type StepState = "to_come" | "running" | "waiting" | "done" | "failed" | "skipped";

export type StepPicture = Readonly<{
  name: string;
  kind: string;
  state: StepState;
  /** The newest attempt that anything is known of; 0 when nothing is. */
  attempt: number;
  /** What is known of that attempt, by phase. */
  facts: Readonly<Record<string, Fact>>;
  seconds?: number;
}>;

/** All that a message shows of a request. */
export type Picture = Readonly<{
  itinerary: Itinerary;
  steps: readonly StepPicture[];
  end?: Fact;
  paused?: Fact;
  stalled?: Fact;
  blocked?: Fact;
  unlocked?: Fact;
  askedAt: number;
}>;

/** What the facts amount to, or nothing while the acceptance has not come: then nobody knows what to show. */
export function pictureOf(facts: readonly Fact[]): Picture | undefined {
  const byKey = new Map(facts.map((fact) => [fact.key, fact]));
  const accepted = byKey.get("accepted");
  if (!accepted) return undefined;
  const { itinerary } = accepted.data as DataOf<typeof RequestAccepted>;

  const end = byKey.get("end");
  const steps: StepPicture[] = [];
  let reached = true;
  for (const { name, kind } of itinerary.steps) {
    const step = stepPicture(name, kind, facts, byKey, reached && !end);
    reached = reached && (step.state === "done" || step.state === "skipped");
    steps.push(step);
  }
  const latest = Math.max(...steps.map(({ attempt }) => attempt));
  const current = (phase: string) => steps.find((step) => step.attempt === latest && step.facts[phase])?.facts[phase];
  return {
    itinerary,
    steps,
    askedAt: accepted.at,
    ...optional("end", end),
    ...optional("paused", end ? undefined : current("paused")),
    ...optional("stalled", end ? undefined : current("stalled")),
    ...optional("blocked", byKey.get("workspace#blocked")),
    ...optional("unlocked", byKey.get("workspace#unlocked")),
  };
}

function stepPicture(
  name: string,
  kind: string,
  all: readonly Fact[],
  byKey: ReadonlyMap<string, Fact>,
  reached: boolean,
): StepPicture {
  const prefix = `step#${name}#`;
  const attempts = all.filter(({ key }) => key.startsWith(prefix)).map(({ key }) => Number(key.split("#")[2]));
  const attempt = attempts.length > 0 ? Math.max(...attempts) : 0;
  const newest = `${prefix}${attempt}#`;
  const facts = Object.fromEntries(
    all.filter(({ key }) => key.startsWith(newest)).map((fact) => [fact.key.slice(newest.length), fact]),
  );
  const ended = facts.ended;
  const state = ended ? stateOf(ended) : stateWhileOpen(facts, kind, reached, byKey.has("workspace#taken"));
  const seconds = ended?.data.seconds;
  return { name, kind, state, attempt, facts, ...(typeof seconds === "number" && { seconds }) };
}

/** A gate as it is at one attempt, also an older one: its message stands in Slack and must tell the truth. */
export function pictureAt(facts: readonly Fact[], step: StepPicture, attempt: number): StepPicture | undefined {
  if (attempt === step.attempt) return step;
  const prefix = `step#${step.name}#${attempt}#`;
  const own = facts.filter(({ key }) => key.startsWith(prefix));
  if (own.length === 0) return undefined;
  return { ...step, attempt, facts: Object.fromEntries(own.map((fact) => [fact.key.slice(prefix.length), fact])) };
}

function stateOf({ type, data }: Fact): StepState {
  if (type.includes(".failed.") || type.includes(".denied.")) return "failed";
  const { output } = data as { output?: { ran?: boolean } };
  return output?.ran === false ? "skipped" : "done";
}

function stateWhileOpen(facts: StepPicture["facts"], kind: string, reached: boolean, taken: boolean): StepState {
  if (!reached) return "to_come";
  if (facts.progress) return "running";
  const waits = facts.waits?.data as DataOf<typeof StepSuspended> | undefined;
  if (waits && !(waits.waitsFor === "workspace" && taken)) return "waiting";
  if (kind === "approval") return facts.opened ? "waiting" : "running";
  return "running";
}

function optional<K extends string>(key: K, fact: Fact | undefined): { [k in K]?: Fact } {
  return fact ? ({ [key]: fact } as { [k in K]: Fact }) : {};
}

/** The data of what is known of a step, typed by the event that told it. */
export const told = {
  plan: (step?: StepPicture) => endedBy(step, plan.completed),
  apply: (step?: StepPicture) => endedBy(step, apply.completed),
  configuration: (step?: StepPicture) => endedBy(step, configuration.completed),
  scan: (step?: StepPicture) => endedBy(step, scan.completed),
  granted: (step?: StepPicture) => endedBy(step, ApprovalGranted),
  denied: (step?: StepPicture) => endedBy(step, ApprovalDenied),
  /** Every kind fails alike. */
  failure: (step?: StepPicture) => {
    const fact = step?.facts.ended;
    return fact?.type.includes(".failed.") ? (fact.data as DataOf<typeof plan.failed>) : undefined;
  },
  opened: (step?: StepPicture) => step?.facts.opened?.data as DataOf<typeof ApprovalOpened> | undefined,
  progress: (step?: StepPicture) => step?.facts.progress?.data as DataOf<typeof JobProgressed> | undefined,
  waits: (step?: StepPicture) => step?.facts.waits?.data as DataOf<typeof StepSuspended> | undefined,
} as const;

function endedBy<D extends { type: string; data: z.ZodType }>(step: StepPicture | undefined, definition: D) {
  const fact = step?.facts.ended;
  return fact?.type === definition.type ? (fact.data as DataOf<D>) : undefined;
}
