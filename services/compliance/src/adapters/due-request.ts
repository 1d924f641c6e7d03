import { EnvironmentName, RequestId } from "@sluice/events";
import * as z from "zod";

const DueRequest = z.object({ sk: z.literal("request"), environment: EnvironmentName, request: RequestId });

/** The wake of an item that the sweep found: a request with a scan that has no end yet. */
export function dueRequest(item: Record<string, unknown>) {
  const { environment, request } = DueRequest.parse(item);
  return { message: "request.due", environment, request };
}
