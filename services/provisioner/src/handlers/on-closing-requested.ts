import { on } from "@sluice/doors";
import { ClosingRequested } from "@sluice/events";
import { closeRequest } from "../core/close-request.ts";
import { deps } from "../deps.ts";

export const onClosingRequested = on(ClosingRequested, (event) => closeRequest(deps, event));
