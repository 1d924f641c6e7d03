import type { EventId } from "@sluice/events";
import { hasApplied, isNewest, isQuiet, jobKey, type RequestItem, type Workspace } from "@sluice/jobs";
import * as z from "zod";
import { isApplying, type OpenApplies } from "./open-applies.ts";
import { leave } from "./turns.ts";

/** Too late to close: an apply of the request has begun, or has changed what it was to change. */
export const ClosingRefusal = z.enum(["applying", "applied"]);
export type ClosingRefusal = z.infer<typeof ClosingRefusal>;

/**
 * Closes a request that was asked to be closed, unless its apply was first. Closing it again changes nothing.
 *
 * @param applies the request's open applies, which are made void in the same transaction
 */
export function close(
  item: RequestItem,
  cause: EventId,
  applies: OpenApplies,
  now: number,
): RequestItem | ClosingRefusal {
  if (item.closed) return item;
  if (isApplying(applies)) return "applying";
  if (Object.values(item.jobs).some(hasApplied)) return "applied";
  return { ...item, closed: { why: "closing", cause, at: now } };
}

/** The request has ended, as intake says. */
export function closeEnded(item: RequestItem, cause: EventId, now: number): RequestItem {
  return item.closed ? item : { ...item, closed: { why: "ended", cause, at: now } };
}

/** What a request's end means for its workspace: it goes on to the next as soon as no build of the request is at work. */
export function freedBy(item: RequestItem, workspace: Workspace): Workspace {
  const { request } = item;
  return item.closed && (isQuiet(item) || workspace.holder?.request !== request)
    ? leave(workspace, request)
    : workspace;
}

/**
 * Whether a repeatable step's failure frees the workspace: not when a newer attempt was taken up, or the plan that it was for was made again, nor while anything is
 * unfinished.
 */
export function isFreedByPause(item: RequestItem, paused: Readonly<{ step: string; attempt: number }>): boolean {
  if ((item.attempts[paused.step] ?? 0) > paused.attempt || (item.freed?.[paused.step] ?? 0) >= paused.attempt)
    return false;
  const job = item.jobs[jobKey(paused)];
  if (job && !isNewest(item, job)) return false;
  return isQuiet(item);
}
