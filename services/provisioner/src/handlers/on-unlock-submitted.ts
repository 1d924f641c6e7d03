import { on } from "@sluice/doors";
import { UnlockSubmitted } from "@sluice/events";
import { unlockWorkspace } from "../core/unlock-workspace.ts";
import { deps } from "../deps.ts";

export const onUnlockSubmitted = on(UnlockSubmitted, (event) => unlockWorkspace(deps, event));
