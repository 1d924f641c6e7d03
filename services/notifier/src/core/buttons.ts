import type { Button } from "@slack/types";
import { apply, type DataOf, mayChange, pausingFor, type RequestPaused, stepToRepeat } from "@sluice/events";
import { actionIdOf, button } from "@sluice/slack";
import { known, type Picture, type StepPicture } from "@sluice/words/facts";

type Attempt = Readonly<{ step: string; attempt: number }>;

/** A step's attempt as a button names it: `req_x.approve.1`. Intake reads it so. */
export function buttonValue(request: string, { step, attempt }: Attempt): string {
  return `${request}.${step}.${attempt}`;
}

/** Buttons that do something now. A stale one is answered privately, but a dead button should not be shown at all. */
export function buttonsOf(picture: Picture): Button[] {
  return [...toSee(picture), ...(picture.end ? toAskAgain(picture) : toGoOn(picture))];
}

function toSee({ itinerary: { request }, steps }: Picture): Button[] {
  const planned = known.plan(ofKind(steps, "plan"));
  const scanned = known.scan(ofKind(steps, "scan"));
  return [
    ...(planned ? [button("See plan", { actionId: "see_plan", value: buttonValue(request, planned) })] : []),
    ...(scanned ? [button("See evidence", { actionId: "see_evidence", value: buttonValue(request, scanned) })] : []),
  ];
}

/** The form opens as it was sent: after a refusal to change it, after silence to send it once more. */
function toAskAgain({ itinerary: { request }, end }: Picture): Button[] {
  if (end?.type === "request.completed.v1") return [];
  return end?.type === "request.expired.v1" || end?.type === "request.withdrawn.v1"
    ? [button("Ask again…", { actionId: "ask_again", value: request })]
    : [button("Edit and ask again…", { actionId: "edit_and_ask_again", value: request })];
}

function toGoOn(picture: Picture): Button[] {
  const { request } = picture.itinerary;
  const pause = picture.paused?.data;
  const repeat = pause ? afterPause(picture, pause) : atGate(picture);
  const hasChanged = picture.steps.some(
    ({ kind, state, facts }) => mayChange(kind) && (state === "done" || facts.progress !== undefined),
  );
  return [
    ...(repeat ? [toRepeat(request, repeat)] : []),
    ...(picture.isBlocked ? [button("Unlock…", { actionId: "unlock", value: request })] : []),
    ...(!hasChanged || (pause && pausingFor(pause.reason).goesOnWith)
      ? [button("Withdraw…", { actionId: "withdraw", value: request })]
      : []),
  ];
}

type Repeat = Readonly<{ verb: string; attempt: Attempt }>;

/** The failed step at the attempt that failed, or the plan before it at its newest. */
function afterPause({ steps }: Picture, { step, attempt, reason }: DataOf<typeof RequestPaused>): Repeat | undefined {
  const means = pausingFor(reason);
  return means.goesOnWith
    ? repeatOf(means.verb, stepToRepeat(steps, step, means))
    : { verb: means.verb, attempt: { step, attempt } };
}

/** While people decide, its plan can be made again as after a stopped apply. */
function atGate({ steps }: Picture): Repeat | undefined {
  const gate = ofKind(steps, "approval");
  const isOpen = gate?.state === "waiting" && gate.facts.opened !== undefined;
  return isOpen ? repeatOf(apply.whenFailed.verb, ofKind(steps, "plan")) : undefined;
}

function repeatOf(verb: string, step: StepPicture | undefined): Repeat | undefined {
  return step && { verb, attempt: { step: step.name, attempt: step.attempt } };
}

function toRepeat(request: string, { verb, attempt }: Repeat): Button {
  return button(verb, { actionId: actionIdOf(verb), value: buttonValue(request, attempt) });
}

function ofKind(steps: readonly StepPicture[], kind: string): StepPicture | undefined {
  return steps.find((step) => step.kind === kind);
}
