import type { Pausing, StepContract } from "./define-step.ts";
import { apply } from "./steps/apply.ts";
import { approval } from "./steps/approval.ts";
import { configuration } from "./steps/configuration.ts";
import { plan } from "./steps/plan.ts";
import { scan } from "./steps/scan.ts";

/** Every step kind that Sluice itself owns. Adding one is a file in `steps/` and a name here. */
export const stepKinds = { plan, approval, apply, configuration, scan } as const satisfies Record<string, StepContract>;
export type OwnStepKind = keyof typeof stepKinds;

type Contract = (typeof stepKinds)[OwnStepKind];
type Meaning<C> = C extends { whenFailed: infer W; whenFailedWith?: infer D } ? W | D[keyof D] : never;
/** Why a request may wait for a person: what contracts say, and nothing else. */
export type PauseReason = Exclude<Meaning<Contract>, "ends">["pauses"];

const pausings: readonly Pausing<PauseReason>[] = Object.values(stepKinds)
  .flatMap((contract) => [contract.whenFailed, ...Object.values(meaningsOf(contract))])
  .filter((meaning) => meaning !== "ends");
export const pauseReasons = pausings.map(({ pauses }) => pauses);

/** What a pause means, and how a request goes on after it. */
export function pausingFor(reason: PauseReason): Pausing<PauseReason> {
  const found = pausings.find(({ pauses }) => pauses === reason);
  if (!found) throw new Error(`No kind pauses with ${reason}`);
  return found;
}

/** The step that is done again to go on from a pause: the failed one, or the nearest before it of the kind that its contract names. */
export function stepToRepeat<S extends Readonly<{ name: string; kind: string }>>(
  steps: readonly S[],
  failed: string,
  { goesOnWith }: Pausing,
): S | undefined {
  const at = steps.findIndex(({ name }) => name === failed);
  return goesOnWith ? steps.slice(0, at).findLast(({ kind }) => kind === goesOnWith) : steps[at];
}

/** What a failed step of a kind means for its request, by the failure's code. A kind that nobody here owns ends it: nobody would know how to go on. */
export function whenFailed(kind: string, code: string): "ends" | Pausing<PauseReason> {
  if (!isOwn(kind)) return "ends";
  const meanings = meaningsOf(stepKinds[kind]);
  return (Object.hasOwn(meanings, code) ? meanings[code] : undefined) ?? stepKinds[kind].whenFailed;
}

function meaningsOf(contract: Contract): Readonly<Record<string, "ends" | Pausing<PauseReason>>> {
  return "whenFailedWith" in contract ? (contract.whenFailedWith ?? {}) : {};
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
