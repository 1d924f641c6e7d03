import { on } from "@sluice/doors";
import {
  RequestCompleted,
  RequestExpired,
  RequestFailed,
  RequestRefused,
  RequestRejected,
  RequestWithdrawn,
} from "@sluice/events";
import { closeRequest } from "../core/request.ts";
import { deps } from "../deps.ts";

/** Every end closes alike. */
export const onRequestEnded = [
  on(RequestCompleted, ({ data }) => closeRequest(deps, data.request)),
  on(RequestRefused, ({ data }) => closeRequest(deps, data.request)),
  on(RequestRejected, ({ data }) => closeRequest(deps, data.request)),
  on(RequestExpired, ({ data }) => closeRequest(deps, data.request)),
  on(RequestWithdrawn, ({ data }) => closeRequest(deps, data.request)),
  on(RequestFailed, ({ data }) => closeRequest(deps, data.request)),
];
