import type { Pausing, StepContract } from "./define-step.ts";
import { apply } from "./steps/apply.ts";
import { approval } from "./steps/approval.ts";
import { configuration } from "./steps/configuration.ts";
import { plan } from "./steps/plan.ts";
import { scan } from "./steps/scan.ts";

/** Every step kind that Sluice itself owns. Adding one is a file in `steps/` and a name here. */
export const stepKinds = { plan, approval, apply, configuration, scan } as const satisfies Record<string, StepContract>;
export type OwnStepKind = keyof typeof stepKinds;

type WhenFailed = (typeof stepKinds)[OwnStepKind]["whenFailed"];
/** Why a request may wait for a person: what contracts say, and nothing else. */
export type PauseReason = Exclude<WhenFailed, "ends">["pauses"];

const pausings: readonly Pausing<PauseReason>[] = Object.values(stepKinds).flatMap(({ whenFailed }) =>
  whenFailed === "ends" ? [] : [whenFailed],
);
export const pauseReasons = pausings.map(({ pauses }) => pauses);

/** What a pause means, and how a request goes on after it. */
export function pausingFor(reason: PauseReason): Pausing<PauseReason> {
  const found = pausings.find(({ pauses }) => pauses === reason);
  if (!found) throw new Error(`No kind pauses with ${reason}`);
  return found;
}

/** What a failed step of a kind means for its request. A kind that nobody here owns ends it: nobody would know how to go on. */
export function whenFailed(kind: string): "ends" | Pausing<PauseReason> {
  return isOwn(kind) ? stepKinds[kind].whenFailed : "ends";
}

/** Whether a step of a kind may change something outside Sluice. One that nobody here owns may. */
export function mayChange(kind: string): boolean {
  return isOwn(kind) ? stepKinds[kind].changes : true;
}

/** What a step is called to people. One of a kind that nobody here owns goes by its name. */
export function titleOf(kind: string, name: string): string {
  return isOwn(kind) ? stepKinds[kind].title : name;
}

function isOwn(kind: string): kind is OwnStepKind {
  return Object.hasOwn(stepKinds, kind);
}
