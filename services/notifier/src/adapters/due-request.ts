import { RequestId } from "@sluice/events";
import * as z from "zod";

const DuePicture = z.object({ pk: RequestId });

/** The wake of an item that the sweep found: a request whose messages are behind, or with a reminder to post. Nothing when it is no item of ours. */
export function dueRequest(item: Record<string, unknown>) {
  const due = DuePicture.safeParse(item).data;
  return due && { message: "picture.behind", request: due.pk };
}
