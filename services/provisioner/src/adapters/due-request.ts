import { EnvironmentName, RequestId } from "@sluice/events";
import * as z from "zod";

const DueRequest = z.object({ sk: z.literal("request"), environment: EnvironmentName, request: RequestId });

/** The wake of an item that the sweep found: a request with a job that has no end yet, or that was handed its workspace. Nothing when it is no item of ours. */
export function dueRequest(item: Record<string, unknown>) {
  const due = DueRequest.safeParse(item).data;
  return due && { message: "request.due", environment: due.environment, request: due.request };
}
