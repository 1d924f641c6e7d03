import {
  metadataTokensRequired,
  nothingTagged,
  onlyHttpsFromAnywhere,
  requiredTags,
  rootVolumeEncrypted,
} from "./account-controls.ts";
import type { Control } from "./control.ts";
import { hostControls } from "./host-controls.ts";
import { checksHold, secondPlanEmpty } from "./terraform-controls.ts";

/** What a profile asks, in this order. */
export const profiles: Readonly<Record<string, readonly Control[]>> = {
  probe: [secondPlanEmpty, checksHold],
  removal: [secondPlanEmpty, checksHold, nothingTagged],
  baseline: [
    rootVolumeEncrypted,
    metadataTokensRequired,
    onlyHttpsFromAnywhere,
    requiredTags,
    secondPlanEmpty,
    checksHold,
    ...hostControls,
  ],
};
