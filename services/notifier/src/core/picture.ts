import {
  ApprovalDenied,
  ApprovalGranted,
  type ApprovalOpened,
  apply,
  configuration,
  type DataOf,
  DecisionRecorded,
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
  /** The newest attempt that counts; 0 when nothing is known of it, or all of it was done on what no longer is. */
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
  /** The paused apply left the workspace blocked, and nobody has unlocked it since. */
  isBlocked: boolean;
  /** Repeats that were not started, because the workspace was changed by another request. */
  refused: readonly Fact[];
  /** All that is known, also of attempts that newer ones have taken the place of. */
  facts: readonly Fact[];
}>;

/** What the facts amount to, or nothing while the acceptance has not come: then nobody knows what to show. */
export function pictureOf(facts: readonly Fact[]): Picture | undefined {
  const byKey = new Map(facts.map((fact) => [fact.key, fact]));
  const accepted = byKey.get("accepted");
  if (!accepted) return undefined;
  const { itinerary } = accepted.data as DataOf<typeof RequestAccepted>;

  const end = byKey.get("end");
  const steps: StepPicture[] = [];
  let reached = !end;
  let newest = 0;
  for (const { name, kind } of itinerary.steps) {
    const attempt = attemptsOf(facts, name).at(-1) ?? 0;
    // An older attempt than that of a step before it was done on what no longer is: the step is to come again.
    const step = stepAt(facts, name, kind, attempt < newest ? 0 : attempt, reached);
    newest = Math.max(newest, attempt);
    reached = reached && (step.state === "done" || step.state === "skipped");
    steps.push(step);
  }
  const current = (phase: string) =>
    end ? undefined : steps.find((step) => step.attempt === newest && step.facts[phase])?.facts[phase];
  const paused = current("paused");
  const blocked = current("blocked");
  const unlocked = byKey.get("unlocked");
  return {
    itinerary,
    steps,
    facts,
    isBlocked: paused !== undefined && blocked !== undefined && !(unlocked && unlocked.at > blocked.at),
    refused: facts.filter(({ key }) => key.startsWith("refused#")),
    ...optional("end", end),
    ...optional("paused", paused),
    ...optional("stalled", current("stalled")),
  };
}

/** The attempts of a step that anything is known of, the newest last. A repeat that was refused its workspace is none. */
export function attemptsOf(facts: readonly Fact[], name: string): readonly number[] {
  const refused = new Set(facts.map(({ key }) => key));
  const prefix = `step#${name}#`;
  const attempts = facts.flatMap(({ key }) => (key.startsWith(prefix) ? [Number(key.split("#")[2])] : []));
  return [...new Set(attempts)].filter((n) => !refused.has(`refused#${name}#${n}`)).sort((a, b) => a - b);
}

/** A step as it is at one attempt, also an older one: its message stands in Slack and must tell the truth. */
export function stepAt(
  all: readonly Fact[],
  name: string,
  kind: string,
  attempt: number,
  reached = false,
): StepPicture {
  const prefix = `step#${name}#${attempt}#`;
  const facts = Object.fromEntries(
    all.filter(({ key }) => key.startsWith(prefix)).map((fact) => [fact.key.slice(prefix.length), fact]),
  );
  const { ended } = facts;
  const state = ended ? stateOf(ended) : stateWhileOpen(facts, kind, reached);
  const seconds = ended?.data.seconds;
  return { name, kind, state, attempt, facts, ...(typeof seconds === "number" && { seconds }) };
}

function stateOf({ type, data }: Fact): StepState {
  if (type.includes(".failed.") || type.includes(".denied.")) return "failed";
  const { output } = data as { output?: { ran?: boolean } };
  return output?.ran === false ? "skipped" : "done";
}

function stateWhileOpen(facts: StepPicture["facts"], kind: string, reached: boolean): StepState {
  if (!reached) return "to_come";
  if (facts.progress) return "running";
  const waits = facts.waits?.data as DataOf<typeof StepSuspended> | undefined;
  if (waits && !(waits.waitsFor === "workspace" && facts.taken)) return "waiting";
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
  /** Whose approvals count by the newest decision, and whose do not any more, in no order of theirs. */
  approvals: (step?: StepPicture) => {
    const decisions = Object.values(step?.facts ?? {})
      .filter(({ type }) => type === DecisionRecorded.type)
      .sort((one, other) => one.rank - other.rank)
      .map(({ data }) => data as DataOf<typeof DecisionRecorded>);
    const lapsed = decisions.at(-1)?.lapsed ?? [];
    const approved = decisions.filter(({ verdict }) => verdict === "approve").map(({ by }) => by);
    return { count: approved.filter((by) => !lapsed.includes(by)).sort(), lapsed: [...lapsed].sort() };
  },
  progress: (step?: StepPicture) => step?.facts.progress?.data as DataOf<typeof JobProgressed> | undefined,
  waits: (step?: StepPicture) => step?.facts.waits?.data as DataOf<typeof StepSuspended> | undefined,
} as const;

function endedBy<D extends { type: string; data: z.ZodType }>(step: StepPicture | undefined, definition: D) {
  const fact = step?.facts.ended;
  return fact?.type === definition.type ? (fact.data as DataOf<D>) : undefined;
}
