import { EnvironmentName, EventId, RequestId, Sha256, WorkspaceName } from "@sluice/events";
import * as z from "zod";
import { Job } from "./job.ts";

/** Why a request can start nothing any more: it has ended, or somebody asked for it to be closed. */
export const Closed = z.object({
  why: z.enum(["closing", "ended"]),
  cause: EventId.describe("The event that closed it"),
  at: z.int().min(0),
});

/**
 * What an owner of jobs knows of one request, in one item: every change of it is one conditional write.
 * `version` grows by one with each and is what the next one is conditional on.
 */
export const RequestItem = z.object({
  request: RequestId,
  environment: EnvironmentName,
  workspace: WorkspaceName,
  version: z.int().min(0),
  /** The itinerary digest that `request.accepted` fixed. Absent when something came before the acceptance. */
  digest: Sha256.optional(),
  closed: Closed.optional(),
  /** The newest attempt of each step that was taken up. */
  attempts: z.record(z.string(), z.int().min(1)),
  jobs: z.record(z.string(), Job),
  /** The newest failed attempt of each step whose pause gave the workspace up. */
  freed: z.record(z.string(), z.int().min(1)).optional(),
  /** The cause of the turn in its workspace that it was handed and has not begun. */
  turn: EventId.optional(),
  /** From when a sweep should look at it, in milliseconds since 1970: while a job has no end, or it has its turn. */
  dueAt: z.int().min(0).optional(),
});
export type RequestItem = z.infer<typeof RequestItem>;

/** How long a job may be silent before a sweep looks at it. */
export const LOOK_AFTER_MS = 60_000;

/** A request of which nothing is known but where it lands. */
export function newRequestItem(where: Pick<RequestItem, "request" | "environment" | "workspace">): RequestItem {
  return { ...where, version: 0, attempts: {}, jobs: {} };
}

/** The same request with one of its jobs changed. */
export function withJob(item: RequestItem, key: string, job: Job, now: number): RequestItem {
  return asDue({ ...item, jobs: { ...item.jobs, [key]: job } }, now + LOOK_AFTER_MS);
}

/** It was handed its workspace: whoever hands over writes it, so that a sweep wakes it if nobody else does. */
export function withTurn(item: RequestItem, turn: EventId, now: number): RequestItem {
  return { ...item, turn, dueAt: now };
}

/** It has begun what it came for. */
export function withoutTurn(item: RequestItem, now: number): RequestItem {
  const { turn: _begun, dueAt: _due, ...rest } = item;
  return asDue(rest, now + LOOK_AFTER_MS);
}

/** Whether every job of a request has its end here. Only then can no build of it be at work. */
export function isQuiet({ jobs }: RequestItem): boolean {
  return Object.values(jobs).every(({ end }) => end !== undefined);
}

function asDue(item: RequestItem, from: number): RequestItem {
  const { dueAt = from, ...rest } = item;
  return isQuiet(rest) && !rest.turn ? rest : { ...rest, dueAt };
}
