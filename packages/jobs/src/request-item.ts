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
  /** From when a sweep should look at it, in milliseconds since 1970. */
  dueAt: z.int().min(0).optional(),
});
export type RequestItem = z.infer<typeof RequestItem>;

/** How long a job may be silent before a sweep looks at it. */
export const LOOK_AFTER_MS = 60_000;

/** A request of which nothing is known but where it lands. */
export function newRequestItem(where: Pick<RequestItem, "request" | "environment" | "workspace">): RequestItem {
  return { ...where, version: 0, attempts: {}, jobs: {} };
}

/** The same request with one of its jobs changed. It stays due while a job has no end. */
export function withJob(item: RequestItem, key: string, job: Job, now: number): RequestItem {
  const { dueAt = now + LOOK_AFTER_MS, ...rest } = item;
  const jobs = { ...item.jobs, [key]: job };
  const open = Object.values(jobs).some(({ end }) => !end);
  return { ...rest, jobs, ...(open && { dueAt }) };
}
