import type { BuildId } from "@sluice/events";
import type { JobItem } from "./job-item.ts";
import type { BuildChange } from "./job-store.ts";
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

/** What a start is about: whose job, the build that wants to begin, and what its grant says. */
export type Start = Readonly<{
  request: SpentGrant["request"];
  key: string;
  build: BuildId;
  grant: Readonly<{ jti: string; plan: Readonly<{ epoch: number }> }>;
}>;

export type Started = Readonly<{ job: JobItem; workspace: Workspace; spent: SpentGrant }>;

/**
 * The start transaction (design, "Apply protocol"), as a pure judgement of the three items it writes: directly before `terraform apply`.
 * Before it nothing was started and the approval stays usable; after it there is no second apply of this grant, ever. That the request is open and the plan its
 * newest is what a job's item without `void` says: whoever closes or plans again writes that item too.
 *
 * `already` says that this very build has started: the answer was lost, and it goes on.
 */
export function startApply(
  job: JobItem | undefined,
  workspace: Workspace,
  spent: SpentGrant | undefined,
  { request, key, build, grant }: Start,
  now: number,
): Started | "already" | StartRefusal {
  if (spent) return spent.build === build ? "already" : "grant_spent";
  if (job?.state.is !== "running" || job.state.build !== build || job.report || job.void === "over")
    return "lease_lost";
  if (job.void) return job.void;
  if (workspace.holder?.request !== request) return "workspace_not_held";
  if (workspace.blocked && workspace.blocked.request !== request) return "workspace_blocked";
  if (workspace.epoch !== grant.plan.epoch) return "workspace_changed";

  const { blocked: _lifted, ...unblocked } = workspace;
  return {
    job: { ...job, state: { is: "applying", build, since: now } },
    workspace: { ...unblocked, epoch: workspace.epoch + 1 },
    spent: { environment: job.environment, jti: grant.jti, request, job: key, build, at: now },
  };
}

/** The items of a start: three or none. */
export function startWrites(job: JobItem, workspace: Workspace, after: Started): readonly BuildChange[] {
  return [
    { is: "job", before: job, after: after.job },
    { is: "workspace", before: workspace, after: after.workspace },
    { is: "grant", spent: after.spent },
  ];
}
