import { BuildId, EnvironmentName, EventId, RequestId, Sentence, StepName, WorkspaceName } from "@sluice/events";
import * as z from "zod";

/** A request's turn in a workspace, and what it wants to do first. */
export const Turn = z.object({
  request: RequestId,
  step: StepName,
  attempt: z.int().min(1),
  cause: EventId.describe("The event that asked for it"),
  since: z.int().min(0),
});
export type Turn = z.infer<typeof Turn>;

/**
 * One Terraform state: who holds it, who waits in order of arrival, and how many applies were ever started on it.
 * `version` grows by one with each change; a waiter is a change, so that a release cannot overlook one.
 */
export const Workspace = z.object({
  environment: EnvironmentName,
  name: WorkspaceName,
  version: z.int().min(0),
  epoch: z.int().min(0),
  holder: Turn.optional(),
  waiters: z.array(Turn),
  blocked: z
    .object({ request: RequestId, step: StepName, attempt: z.int().min(1), since: z.int().min(0), sentence: Sentence })
    .optional(),
  /** An apply was interrupted here and none has ended cleanly since: things may exist that no state knows. */
  interrupted: z.boolean().optional(),
  /** The last build here that may have taken Terraform's lock. */
  lastBuild: z.object({ build: BuildId, kind: z.enum(["plan", "apply"]) }).optional(),
});
export type Workspace = z.infer<typeof Workspace>;

export function newWorkspace(where: Pick<Workspace, "environment" | "name">): Workspace {
  return { ...where, version: 0, epoch: 0, waiters: [] };
}

/** The item that says a grant is spent, and by which build. */
export const SpentGrant = z.object({
  environment: EnvironmentName,
  jti: z.string(),
  request: RequestId,
  job: z.string(),
  build: BuildId,
  at: z.int().min(0),
});
export type SpentGrant = z.infer<typeof SpentGrant>;
