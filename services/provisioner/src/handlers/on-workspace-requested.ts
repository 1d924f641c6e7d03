import { on } from "@sluice/doors";
import { WorkspaceRequested } from "@sluice/events";
import { requestWorkspace } from "../core/workspace-due.ts";
import { deps } from "../deps.ts";

export const onWorkspaceRequested = on(WorkspaceRequested, (event) => requestWorkspace(deps, event));
