import { type Itinerary, mayChange, type Slip, WorkspaceRequested } from "@sluice/events";
import { type Cause, newSlip, type Owed, owe } from "@sluice/steps";
import { type Fact, isAsked, stepKey } from "@sluice/words/facts";
import { owedStep } from "./owed.ts";
import type { Accepted, Repeat } from "./record.ts";

/** What a repeat owes: its workspace first where something was changed before it, else the work itself. */
export function owedRepeat(record: Accepted, made: Repeat, facts: readonly Fact[]): Owed {
  const { request, itinerary } = record;
  const { step, attempt, asked, by } = made;
  const cause: Cause = { cause: asked, causationId: asked, actor: by };
  if (!needsWorkspaceFirst(record, step))
    return owedStep(stepIn(record, step), attempt, slipOf(facts, record, made), cause);
  const { environment, workspace } = itinerary;
  return owe(WorkspaceRequested, request, { request, step, attempt, environment, workspace }, cause);
}

/** The step of that name. @throws where there is none: whoever repeats it was refused before. */
export function stepIn({ itinerary }: Accepted, step: string): Itinerary["steps"][number] {
  const found = itinerary.steps.find(({ name }) => name === step);
  if (!found) throw new Error(`${itinerary.request} has no step ${step}`);
  return found;
}

/** Whether a repeat works on what a step before it has changed: then nobody else may have changed it since. */
export function needsWorkspaceFirst({ itinerary: { steps } }: Accepted, step: string): boolean {
  return steps
    .slice(
      0,
      steps.findIndex(({ name }) => name === step),
    )
    .some(({ kind }) => mayChange(kind));
}

/** The slip of the step's newest attempt before this one: what was done before it has not changed. */
export function slipOf(facts: readonly Fact[], { itinerary }: Accepted, { step, attempt }: Repeat): Slip {
  const byKey = new Map(facts.map((fact) => [fact.key, fact]));
  for (let earlier = attempt - 1; earlier > 0; earlier--) {
    const asked = byKey.get(stepKey(step, earlier, "asked"));
    if (asked && isAsked(asked)) return asked.data.slip;
  }
  return newSlip(itinerary);
}
