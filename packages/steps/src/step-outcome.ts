import { type BuildId, catalogue, type Slip, type StepName } from "@sluice/events";
import { type Cause, type Owed, owe } from "./owed.ts";
import { attemptOf, stepAfter, withOutput } from "./slip.ts";

export type StepEnd =
  | Readonly<{ ended: "completed"; output: Slip["log"][number]["output"] }>
  | Readonly<{ ended: "failed"; code: string; sentence: string; repeatable: boolean }>;

/** How an attempt of a step ended, with the data of its own event. `build` is the one whose log tells more, if any was started. */
export type StepOutcome = StepEnd & Readonly<{ seconds: number; build?: BuildId }>;

/**
 * The events that an ended attempt owes: its outcome and, when it completed, the next step's request.
 * For the kinds that `defineStep` made; an approval's outcomes are its own.
 */
export function owedAfterStep(
  slip: Slip,
  kind: string,
  step: StepName,
  attempt: number,
  outcome: StepOutcome,
  cause: Cause,
): readonly Owed[] {
  const { request } = slip.itinerary;
  const { ended, ...data } = outcome;
  const told = owe(definitionOf(`${kind}.${ended}.v1`), request, { request, step, attempt, ...data }, cause);
  const next = outcome.ended === "completed" ? owedNext(slip, step, attempt, outcome.output, cause) : undefined;
  return next ? [told, next] : [told];
}

/**
 * The request for the step after this one, or nothing when it was the last. The attempt of the next step follows from the cause alone:
 * one more than the slip knows, so that a plan made again opens the gate again.
 */
export function owedNext(
  slip: Slip,
  step: StepName,
  attempt: number,
  output: Slip["log"][number]["output"],
  cause: Cause,
): Owed | undefined {
  const next = stepAfter(slip, step);
  if (!next) return undefined;
  const { request } = slip.itinerary;
  const done = withOutput(slip, step, attempt, output);
  return owe(
    definitionOf(`${next.kind}.requested.v1`),
    request,
    { request, step: next.name, attempt: Math.max(attempt, attemptOf(slip, next.name) + 1), slip: done },
    cause,
  );
}

function definitionOf(type: string) {
  const definition = catalogue.get(type);
  if (!definition) throw new Error(`No event ${type} is defined`);
  return definition;
}
