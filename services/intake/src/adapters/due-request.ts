import { RequestId } from "@sluice/events";
import * as z from "zod";

const DueRequest = z.object({ pk: RequestId, sk: z.literal("request") });

/** The wake of an item that the sweep found: a request whose time has come. Nothing when it is no item of ours. */
export function dueRequest(item: Record<string, unknown>) {
  const due = DueRequest.safeParse(item).data;
  return due && { message: "request.due", request: due.pk };
}
