import {
  metadataTokensRequired,
  nothingTagged,
  onlyHttpsFromAnywhere,
  requiredTags,
  rootVolumeEncrypted,
} from "./account-controls.ts";
import type { Control } from "./control.ts";
import { hostControls } from "./host-controls.ts";
import { secondPlanEmpty } from "./terraform-controls.ts";

/** What a profile asks, in this order. */
export const profiles: Readonly<Record<string, readonly Control[]>> = {
  probe: [secondPlanEmpty],
  removal: [secondPlanEmpty, nothingTagged],
  baseline: [
    rootVolumeEncrypted,
    metadataTokensRequired,
    onlyHttpsFromAnywhere,
    requiredTags,
    secondPlanEmpty,
    ...hostControls,
  ],
};
