import { on } from "@sluice/doors";
import { RequestAccepted } from "@sluice/events";
import { acceptRequest } from "../core/request.ts";
import { deps } from "../deps.ts";

export const onRequestAccepted = on(RequestAccepted, (event) => acceptRequest(deps, event));
