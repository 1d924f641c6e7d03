import {
  ApprovalDenied,
  configuration,
  type Itinerary,
  RequestAccepted,
  RequestPaused,
  RequestStalled,
  requestEnds,
  WorkspaceRefused,
} from "@sluice/events";
import { dataOf, type Fact, type FactOf, isFactOf, isToldByOneOf } from "./fact.ts";
import { ACCEPTED, END, type Phase, stepInKey, UNLOCKED, unmadeKey } from "./fact-of-event.ts";
import { failureIn, known, type StepFacts } from "./known.ts";

export type StepState = "to_come" | "running" | "waiting" | "done" | "failed" | "skipped";

export type StepPicture = Readonly<{
  name: string;
  kind: string;
  state: StepState;
  /** The newest attempt that counts; 0 when nothing is known of it, or all of it was done on what no longer is. */
  attempt: number;
  facts: StepFacts;
  seconds?: number;
}>;

/** How a request ended. */
export type EndFact = FactOf<(typeof requestEnds)[number]>;

/** All that people are shown of a request. */
export type Picture = Readonly<{
  itinerary: Itinerary;
  steps: readonly StepPicture[];
  end?: EndFact;
  paused?: FactOf<typeof RequestPaused>;
  stalled?: FactOf<typeof RequestStalled>;
  /** The paused apply left the workspace blocked, and nobody has unlocked it since. */
  isBlocked: boolean;
  /** What says that an attempt was asked for and not made, because the workspace was changed by another request. */
  unmade: readonly FactOf<typeof WorkspaceRefused>[];
  /** All that is known, also of attempts that newer ones have taken the place of. */
  facts: readonly Fact[];
}>;

/** What the facts amount to, or nothing while the acceptance is not among them: then nobody knows what to show. */
export function pictureOf(facts: readonly Fact[]): Picture | undefined {
  const accepted = dataOf(
    RequestAccepted,
    facts.find(({ key }) => key === ACCEPTED),
  );
  return accepted && pictureFor(accepted.itinerary, facts);
}

/** What the facts amount to for a request whose itinerary is known. */
export function pictureFor(itinerary: Itinerary, facts: readonly Fact[]): Picture {
  const byKey = new Map(facts.map((fact) => [fact.key, fact]));
  const last = byKey.get(END);
  const end = isEnd(last) ? last : undefined;
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
  const current = (phase: Phase) =>
    end ? undefined : steps.find((step) => step.attempt === newest && step.facts[phase])?.facts[phase];
  const paused = current("paused");
  const stalled = current("stalled");
  const blocked = current("blocked");
  const unlocked = byKey.get(UNLOCKED);
  return {
    itinerary,
    steps,
    facts,
    isBlocked: paused !== undefined && blocked !== undefined && !(unlocked && unlocked.at > blocked.at),
    unmade: facts.filter((fact) => isFactOf(WorkspaceRefused, fact)),
    ...(end && { end }),
    ...(isFactOf(RequestPaused, paused) && { paused }),
    ...(isFactOf(RequestStalled, stalled) && { stalled }),
  };
}

function isEnd(fact: Fact | undefined): fact is EndFact {
  return fact !== undefined && isToldByOneOf(requestEnds, fact);
}

/** The attempts of a step that anything is known of, the newest last. A repeat that was refused its workspace is none. */
export function attemptsOf(facts: readonly Fact[], name: string): readonly number[] {
  const keys = new Set(facts.map(({ key }) => key));
  const attempts = [...keys].flatMap((key) => {
    const about = stepInKey(key);
    return about?.name === name ? [about.attempt] : [];
  });
  return [...new Set(attempts)]
    .filter((attempt) => !keys.has(unmadeKey({ step: name, attempt })))
    .sort((a, b) => a - b);
}

/** A step as it is at one attempt, also an older one: its message stands in Slack and must tell the truth. */
export function stepAt(
  all: readonly Fact[],
  name: string,
  kind: string,
  attempt: number,
  reached = false,
): StepPicture {
  const facts: StepFacts = Object.fromEntries(
    all.flatMap((fact) => {
      const about = stepInKey(fact.key);
      return about?.name === name && about.attempt === attempt ? [[about.phase, fact]] : [];
    }),
  );
  const { ended } = facts;
  const state = ended ? stateOf(ended) : stateWhileOpen(facts, kind, reached);
  const seconds = ended && "seconds" in ended.data ? ended.data.seconds : undefined;
  return { name, kind, state, attempt, facts, ...(seconds !== undefined && { seconds }) };
}

function stateOf(ended: Fact): StepState {
  if (failureIn(ended) || isFactOf(ApprovalDenied, ended)) return "failed";
  return dataOf(configuration.completed, ended)?.output.ran === false ? "skipped" : "done";
}

function stateWhileOpen(facts: StepFacts, kind: string, reached: boolean): StepState {
  if (!reached) return "to_come";
  if (facts.progress) return "running";
  const waits = known.waits({ facts });
  if (waits && !(waits.waitsFor === "workspace" && facts.taken)) return "waiting";
  return kind === "approval" && facts.opened ? "waiting" : "running";
}
