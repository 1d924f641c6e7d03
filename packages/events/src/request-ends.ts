import { RequestCompleted } from "./definitions/request-completed.ts";
import { RequestExpired } from "./definitions/request-expired.ts";
import { RequestFailed } from "./definitions/request-failed.ts";
import { RequestRefused } from "./definitions/request-refused.ts";
import { RequestRejected } from "./definitions/request-rejected.ts";
import { RequestWithdrawn } from "./definitions/request-withdrawn.ts";

/** How a request may end. It ends once, with one of these. */
export const requestEnds = [
  RequestCompleted,
  RequestRefused,
  RequestRejected,
  RequestExpired,
  RequestWithdrawn,
  RequestFailed,
] as const;
