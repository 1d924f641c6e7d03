import { onEach } from "@sluice/doors";
import { requestEnds } from "@sluice/events";
import { closeRequest } from "../core/request.ts";
import { deps } from "../deps.ts";

/** Every end closes alike. */
export const onRequestEnded = onEach(requestEnds, ({ data }) => closeRequest(deps, data.request));
