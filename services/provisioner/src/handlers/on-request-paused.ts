import { on } from "@sluice/doors";
import { RequestPaused } from "@sluice/events";
import { freeOnPause } from "../core/workspace-due.ts";
import { deps } from "../deps.ts";

export const onRequestPaused = on(RequestPaused, ({ data }) => freeOnPause(deps, data));
