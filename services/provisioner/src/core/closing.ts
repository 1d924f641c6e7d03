import type { EventId } from "@sluice/events";
import { hasApplied, isAtWork, isNewest, jobKey, type RequestItem, type Workspace } from "@sluice/jobs";
import { leave } from "./turns.ts";

/** Too late to close: an apply of the request has begun, or has changed what it was to change. */
export type ClosingRefusal = "applying" | "applied";

/** Whether no build of the request may still be at work. Only then is a closed request quiet, and its workspace free. */
export function isQuiet(item: RequestItem): boolean {
  return !Object.values(item.jobs).some(isAtWork);
}

/** Closes a request that was asked to be closed, unless its apply was first (design §3, rule 8). Closing it again changes nothing. */
export function close(item: RequestItem, cause: EventId, now: number): RequestItem | ClosingRefusal {
  if (item.closed) return item;
  const jobs = Object.values(item.jobs);
  if (jobs.some((job) => job.kind === "apply" && job.state.is === "applying" && !job.end)) return "applying";
  if (jobs.some(hasApplied)) return "applied";
  return { ...item, closed: { why: "closing", cause, at: now } };
}

/** The request has ended, as intake says. */
export function closeEnded(item: RequestItem, cause: EventId, now: number): RequestItem {
  return item.closed ? item : { ...item, closed: { why: "ended", cause, at: now } };
}

/** What a request's end means for its workspace: it goes on to the next as soon as no build of the request is at work. */
export function freedBy(item: RequestItem, workspace: Workspace, now: number): Workspace {
  if (item.closed && isQuiet(item)) return leave(workspace, item.request, now);
  const { request } = item;
  return item.closed && workspace.holder?.request !== request ? leave(workspace, request, now) : workspace;
}

/**
 * Whether a repeatable step's failure frees the workspace: not when a newer attempt was taken up, or the plan that it was for was made again, nor while anything is
 * unfinished (design §5).
 */
export function isFreedByPause(item: RequestItem, paused: Readonly<{ step: string; attempt: number }>): boolean {
  if ((item.attempts[paused.step] ?? 0) > paused.attempt || (item.freed?.[paused.step] ?? 0) >= paused.attempt)
    return false;
  const job = item.jobs[jobKey(paused)];
  if (job && !isNewest(item, job)) return false;
  return Object.values(item.jobs).every((job) => job.end !== undefined);
}
