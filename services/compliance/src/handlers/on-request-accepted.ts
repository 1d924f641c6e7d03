import { on } from "@sluice/doors";
import { RequestAccepted } from "@sluice/events";
import { acceptRequest } from "../core/accept-request.ts";
import { deps } from "../deps.ts";

export const onRequestAccepted = on(RequestAccepted, ({ data }) => acceptRequest(deps, data));
