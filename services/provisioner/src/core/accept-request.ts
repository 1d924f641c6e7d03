import type { DataOf, RequestAccepted } from "@sluice/events";
import { acceptRequest as acceptWithJobs } from "@sluice/jobs";
import { endRequest } from "./end-request.ts";
import type { Ports } from "./ports.ts";

/** Keeps what was accepted and goes on with what came before it, an end of ours included. */
export function acceptRequest(ports: Ports, accepted: DataOf<typeof RequestAccepted>): Promise<void> {
  return acceptWithJobs({ ...ports, endRequest: (request, cause) => endRequest(ports, request, cause) }, accepted);
}
