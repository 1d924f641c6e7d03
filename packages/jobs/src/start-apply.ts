import type { BuildId } from "@sluice/events";
import { isNewest } from "./lease.ts";
import { type RequestItem, withJob } from "./request-item.ts";
import type { SpentGrant, Workspace } from "./workspace.ts";

/** Named so that the refused apply can say why nothing was changed. */
export type StartRefusal =
  | "closed"
  | "lease_lost"
  | "superseded"
  | "grant_spent"
  | "workspace_not_held"
  | "workspace_blocked"
  | "workspace_changed";

/** What a start is about: the job, the build that wants to begin, and what its grant says. */
export type Start = Readonly<{
  key: string;
  build: BuildId;
  grant: Readonly<{ jti: string; plan: Readonly<{ step: string; attempt: number; epoch: number }> }>;
}>;

export type Started = Readonly<{ item: RequestItem; workspace: Workspace; spent: SpentGrant }>;

/**
 * The start transaction (design §7.5), as a pure judgement of the three items it writes: directly before `terraform apply`.
 * Before it nothing was started and the approval stays usable; after it there is no second apply of this grant, ever.
 *
 * `already` says that this very build has started: the answer was lost, and it goes on.
 */
export function startApply(
  item: RequestItem,
  workspace: Workspace,
  spent: SpentGrant | undefined,
  { key, build, grant }: Start,
  now: number,
): Started | "already" | StartRefusal {
  if (spent) return spent.build === build ? "already" : "grant_spent";
  const job = item.jobs[key];
  if (job?.state.is !== "running" || job.state.build !== build || job.report || job.end) return "lease_lost";
  if (item.closed) return "closed";
  if (job.plan?.step !== grant.plan.step || job.plan.attempt !== grant.plan.attempt || !isNewest(item, job))
    return "superseded";
  if (workspace.holder?.request !== item.request) return "workspace_not_held";
  if (workspace.blocked && workspace.blocked.request !== item.request) return "workspace_blocked";
  if (workspace.epoch !== grant.plan.epoch) return "workspace_changed";

  const { blocked: _lifted, ...unblocked } = workspace;
  return {
    item: withJob(item, key, { ...job, state: { is: "applying", build, since: now } }, now),
    workspace: { ...unblocked, epoch: workspace.epoch + 1 },
    spent: { environment: item.environment, jti: grant.jti, request: item.request, job: key, build, at: now },
  };
}
