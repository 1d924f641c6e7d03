import { on } from "@sluice/doors";
import {
  RequestCompleted,
  RequestExpired,
  RequestFailed,
  RequestRefused,
  RequestRejected,
  RequestWithdrawn,
} from "@sluice/events";
import { endRequest } from "../core/end-request.ts";
import { deps } from "../deps.ts";

const ends = [RequestCompleted, RequestRefused, RequestRejected, RequestExpired, RequestWithdrawn, RequestFailed];

export const onRequestEnded = ends.map((end) =>
  on(end, ({ metadata }) => endRequest(deps, metadata.correlationId, metadata.id)),
);
