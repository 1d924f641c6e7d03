import { on } from "@sluice/doors";
import {
  ApprovalDenied,
  ApprovalGranted,
  ApprovalOpened,
  ApprovalRequested,
  apply,
  configuration,
  DecisionRecorded,
  DecisionRefused,
  plan,
  StepSuspended,
  scan,
  UnlockRefused,
  WorkspaceBlocked,
  WorkspaceUnlocked,
} from "@sluice/events";
import { hear } from "../core/hear.ts";
import { keepInventory } from "../core/inventory.ts";
import { deps } from "../deps.ts";

const steps = [plan, configuration, scan].flatMap(({ requested, completed, failed }) => [requested, completed, failed]);

/** Everything that becomes of a request's steps is heard alike. */
export const onStep = [
  ...steps,
  apply.requested,
  apply.failed,
  ApprovalRequested,
  ApprovalOpened,
  ApprovalGranted,
  ApprovalDenied,
  DecisionRecorded,
  DecisionRefused,
  StepSuspended,
  WorkspaceBlocked,
  WorkspaceUnlocked,
  UnlockRefused,
].map((definition) => on(definition, (event) => hear(deps, event)));

/** An apply also changes what stands. */
export const onApplied = on(apply.completed, async (event) => {
  await keepInventory(deps, event);
  await hear(deps, event);
});
