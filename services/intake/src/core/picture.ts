import { type PauseReason, type Pausing, type StepName, whenFailed } from "@sluice/events";
import { type Fact, failureIn, type Phase, type StepFacts, stepInKey } from "@sluice/words/facts";
import { type Accepted, isRefusedRepeat } from "./record.ts";

/** One step at its newest attempt, as far as anything is known of it. */
export type StepPicture = Readonly<{
  name: StepName;
  kind: string;
  /** 0 when nothing is known of it. */
  attempt: number;
  facts: StepFacts;
}>;

/** Where a request stands. */
export type Picture = Readonly<{
  steps: readonly StepPicture[];
  /** The step that everything waits for, or that ended it: the furthest one of the newest attempt. */
  front: StepPicture | undefined;
  /** Whether the front is the itinerary's last step. */
  isLast: boolean;
  /** All that is known and counts: nothing forged of attempts that nobody asked for. */
  facts: readonly Fact[];
}>;

/** What the facts amount to. The same facts give the same picture, in whatever order they came. */
export function pictureOf(record: Accepted, facts: readonly Fact[]): Picture {
  const counted = facts.filter((fact) => isAskedFor(record, fact.key) && isReached(record, facts, fact));
  const steps = record.itinerary.steps.map(({ name, kind }) => stepPicture(record, name, kind, counted));
  const newest = Math.max(...steps.map(({ attempt }) => attempt));
  const front = newest > 0 ? steps.findLast(({ attempt }) => attempt === newest) : undefined;
  return { steps, front, isLast: front !== undefined && front === steps.at(-1), facts: counted };
}

/**
 * Every attempt after the first follows from a person's decision, which the record knows before anybody else hears of it. Whatever is said of another one was
 * forged or sent by mistake: its owner parks it, and here it must not hide where the request really stands.
 */
function isAskedFor({ repeats }: Accepted, key: string): boolean {
  const made = repeats.filter(({ refused }) => !refused).map(({ attempt }) => attempt);
  return (stepInKey(key)?.attempt ?? 0) <= Math.max(1, ...made);
}

/** A step may be asked for when the one before it has ended. What asks earlier came out of order, and counts when that end has come, or was forged. */
function isReached({ itinerary }: Accepted, facts: readonly Fact[], { key }: Fact): boolean {
  const about = stepInKey(key);
  const before = itinerary.steps[itinerary.steps.findIndex(({ name }) => name === about?.name) - 1];
  if (about?.phase !== ("asked" satisfies Phase) || !before) return true;
  return facts.some((fact) => {
    const other = stepInKey(fact.key);
    return other?.name === before.name && other.phase === ("ended" satisfies Phase);
  });
}

function stepPicture(record: Accepted, name: StepName, kind: string, facts: readonly Fact[]): StepPicture {
  const known = facts.flatMap((fact) => {
    const about = stepInKey(fact.key);
    return about?.name === name ? [{ ...about, fact }] : [];
  });
  const attempts = [
    ...known.map(({ attempt }) => attempt),
    ...record.repeats.filter(({ step }) => step === name).map(({ attempt }) => attempt),
  ].filter((attempt) => !isRefusedRepeat(record, { step: name, attempt }));
  const attempt = Math.max(0, ...attempts);
  const ofAttempt = known.filter((each) => each.attempt === attempt).map(({ phase, fact }) => [phase, fact]);
  return { name, kind, attempt, facts: Object.fromEntries(ofAttempt) };
}

/** The step of that name, as it stands. */
export function stepNamed(picture: Picture, name: string): StepPicture | undefined {
  return picture.steps.find((step) => step.name === name);
}

/** Why a request waits for a person to go on, and until when (milliseconds since 1970). */
export type Pause = Readonly<{
  step: StepName;
  attempt: number;
  means: Pausing<PauseReason>;
  sentence: string;
  failed: Fact;
  until: number;
}>;

/** How long a request waits for somebody to go on. */
const PAUSED_FOR_MS = 7 * 24 * 60 * 60_000;

/** The pause that a picture amounts to, if it does. Where a kind's failure ends the request there is none. */
export function pauseOf({ front }: Picture): Pause | undefined {
  const failed = front?.facts.ended;
  const failure = failureIn(failed);
  if (!front || !failed || !failure) return undefined;
  const means = whenFailed(front.kind, failure.code);
  if (means === "ends") return undefined;
  const { name: step, attempt } = front;
  return { step, attempt, means, sentence: failure.sentence, failed, until: failed.at + PAUSED_FOR_MS };
}
