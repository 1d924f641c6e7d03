import { on } from "@sluice/doors";
import { RepetitionRefused, RepetitionSubmitted, WorkspaceRefused, WorkspaceTaken } from "@sluice/events";
import { repeat, repeatInWorkspace, undoRepeat } from "../core/repeat.ts";
import { deps } from "../deps.ts";

/** Doing a step again, from the click to the new attempt. */
export const onRepetition = [
  on(RepetitionSubmitted, (event) => repeat(deps, event)),
  on(WorkspaceTaken, (event) => repeatInWorkspace(deps, event)),
  on(RepetitionRefused, (event) => undoRepeat(deps, event)),
  on(WorkspaceRefused, (event) => undoRepeat(deps, event)),
];
