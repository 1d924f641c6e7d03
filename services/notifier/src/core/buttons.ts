import type { Button } from "@slack/types";
import { button } from "@sluice/slack";
import { type Picture, type StepPicture, told } from "./picture.ts";

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
  const planned = told.plan(ofKind(steps, "plan"));
  const scanned = told.scan(ofKind(steps, "scan"));
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

function toGoOn({ itinerary: { request }, steps, paused, isBlocked }: Picture): Button[] {
  const pause = paused?.data as (Attempt & { reason: string }) | undefined;
  const planStep = ofKind(steps, "plan");
  const gate = ofKind(steps, "approval");
  const replan = pause?.reason === "needs_replan" || (gate?.state === "waiting" && gate.facts.opened !== undefined);
  const repeat = pause && repeats[pause.reason];
  const applyBegan = ofKind(steps, "apply")?.facts.progress !== undefined || told.apply(ofKind(steps, "apply"));
  return [
    ...(replan && planStep
      ? [
          button("Plan again", {
            actionId: "plan_again",
            value: buttonValue(request, { step: planStep.name, attempt: planStep.attempt }),
          }),
        ]
      : []),
    ...(pause && repeat
      ? [button(repeat.verb, { actionId: repeat.actionId, value: buttonValue(request, pause) })]
      : []),
    ...(isBlocked ? [button("Unlock…", { actionId: "unlock", value: request })] : []),
    ...(!applyBegan || pause?.reason === "needs_replan"
      ? [button("Withdraw…", { actionId: "withdraw", value: request })]
      : []),
  ];
}

const repeats: Readonly<Record<string, { verb: string; actionId: string }>> = {
  configuration_failed: { verb: "Configure again", actionId: "configure_again" },
  check_failed: { verb: "Check again", actionId: "check_again" },
};

function ofKind(steps: readonly StepPicture[], kind: string): StepPicture | undefined {
  return steps.find((step) => step.kind === kind);
}
