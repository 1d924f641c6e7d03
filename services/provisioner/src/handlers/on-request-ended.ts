import { onEach } from "@sluice/doors";
import { requestEnds } from "@sluice/events";
import { endRequest } from "../core/end-request.ts";
import { deps } from "../deps.ts";

/** Every end closes alike. */
export const onRequestEnded = onEach(requestEnds, ({ metadata }) =>
  endRequest(deps, metadata.correlationId, metadata.id),
);
