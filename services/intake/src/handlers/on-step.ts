import { on, onEach } from "@sluice/doors";
import {
  ApprovalOpened,
  apply,
  DecisionRecorded,
  DecisionRefused,
  StepSuspended,
  stepKinds,
  UnlockRefused,
  WorkspaceBlocked,
  WorkspaceUnlocked,
} from "@sluice/events";
import { hear } from "../core/hear.ts";
import { keepInventory } from "../core/keep-inventory.ts";
import { deps } from "../deps.ts";

const steps = Object.values(stepKinds)
  .flatMap(({ requested, completed, failed }) => [requested, completed, failed])
  .filter(({ type }) => type !== apply.completed.type);

/** Everything that becomes of a request's steps is heard alike. */
export const onStep = onEach(
  [
    ...steps,
    ApprovalOpened,
    DecisionRecorded,
    DecisionRefused,
    StepSuspended,
    WorkspaceBlocked,
    WorkspaceUnlocked,
    UnlockRefused,
  ],
  (event) => hear(deps, event),
);

/** An apply also changes what stands. */
export const onApplied = on(apply.completed, async (event) => {
  await keepInventory(deps, event);
  await hear(deps, event);
});
