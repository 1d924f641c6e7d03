import {
  type AnyDefinition,
  ApprovalDenied,
  ApprovalGranted,
  ApprovalOpened,
  apply,
  configuration,
  DecisionRecorded,
  JobProgressed,
  type OneOf,
  type OwnStepKind,
  type PrincipalId,
  plan,
  StepSuspended,
  scan,
  stepKinds,
} from "@sluice/events";
import { dataOf, type Fact, type FactOf, isFactOf } from "./fact.ts";
import type { Phase } from "./fact-of-event.ts";

/** What is known of one attempt of a step, by phase. Who does not hear of a phase leaves it out. */
export type StepFacts = Readonly<Partial<Record<Phase, Fact>>>;

type Step = Readonly<{ facts: StepFacts }>;
type FailedDefinition = Exclude<(typeof stepKinds)[OwnStepKind]["failed"], typeof ApprovalDenied>;
type Failed = OneOf<FailedDefinition>["data"];

/** What is known of a step's attempt, as the event says it that told it; nothing where none did. */
export const known = {
  plan: (step?: Step) => endedBy(step, plan.completed),
  apply: (step?: Step) => endedBy(step, apply.completed),
  configuration: (step?: Step) => endedBy(step, configuration.completed),
  scan: (step?: Step) => endedBy(step, scan.completed),
  granted: (step?: Step) => endedBy(step, ApprovalGranted),
  denied: (step?: Step) => endedBy(step, ApprovalDenied),
  /** Every kind fails alike, but for a gate, which is closed. */
  failure: (step?: Step) => failureIn(step?.facts.ended),
  opened: (step?: Step) => dataOf(ApprovalOpened, step?.facts.opened),
  /** Whose approvals count by the newest decision, and whose do not any more, in no order of theirs. */
  approvals,
  progress: (step?: Step) => dataOf(JobProgressed, step?.facts.progress),
  waits: (step?: Step) => dataOf(StepSuspended, step?.facts.waits),
} as const;

function endedBy<D extends AnyDefinition>(step: Step | undefined, definition: D): FactOf<D>["data"] | undefined {
  return dataOf(definition, step?.facts.ended);
}

/** Why an attempt ended without its result, if it did. */
export function failureIn(ended: Fact | undefined): Failed | undefined {
  return ended && isFailure(ended) ? ended.data : undefined;
}

/** Of whatever kind, also of one that has no words here. */
function isFailure(fact: Fact): fact is FactOf<FailedDefinition> {
  return Object.values(stepKinds).some(({ failed }) => failed.type === fact.type && fact.type !== ApprovalDenied.type);
}

function approvals(step?: Step): Readonly<{ count: readonly PrincipalId[]; lapsed: readonly PrincipalId[] }> {
  const decisions = Object.values(step?.facts ?? {})
    .filter((fact) => isFactOf(DecisionRecorded, fact))
    .sort((one, other) => one.rank - other.rank)
    .map(({ data }) => data);
  const lapsed = decisions.at(-1)?.lapsed ?? [];
  const approved = decisions.filter(({ verdict }) => verdict === "approve").map(({ by }) => by);
  return { count: approved.filter((by) => !lapsed.includes(by)).sort(), lapsed: [...lapsed].sort() };
}
