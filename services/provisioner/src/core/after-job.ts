import type { BuildId, Sentence } from "@sluice/events";
import { blocksWorkspace, hasApplied, type Job, type RequestItem, stepOfKey, type Workspace } from "@sluice/jobs";
import type * as z from "zod";
import { freedBy } from "./closing.ts";

/**
 * What an ended job leaves in its workspace: the last build that may have locked it, a block when an apply was let go and did not end cleanly, and freedom when
 * the request is closed.
 *
 * @param lease the build that had the job's lease when it ended
 */
export function workspaceAfterJob(
  item: RequestItem,
  key: string,
  lease: BuildId | undefined,
  workspace: Workspace,
  now: number,
): Workspace {
  const job = item.jobs[key];
  if (!job) return workspace;
  const seen = afterBuild(job, lease, workspace);
  return freedBy(item, job.kind === "apply" ? afterApply(item, key, job, seen, now) : seen);
}

function afterBuild({ kind, end, lastBuild }: Job, lease: BuildId | undefined, workspace: Workspace): Workspace {
  if ((kind !== "plan" && kind !== "apply") || end === "dropped") return workspace; // Nothing else takes Terraform's lock.
  const build = lease ?? lastBuild?.build;
  return build && build !== workspace.lastBuild?.build ? { ...workspace, lastBuild: { build, kind } } : workspace;
}

function afterApply(item: RequestItem, key: string, job: Job, workspace: Workspace, now: number): Workspace {
  if (hasApplied(job)) {
    const { interrupted: _known, ...clean } = workspace;
    return clean;
  }
  if (!blocksWorkspace(job)) return workspace;
  const blocked = { request: item.request, ...stepOfKey(key), since: now, sentence: blockedSentence(job) };
  return { ...workspace, blocked, interrupted: true };
}

/** Why nobody may apply here for now. */
export function blockedSentence({ end }: Job): z.infer<typeof Sentence> {
  return end === "reported"
    ? "Terraform stopped in the middle of the apply."
    : "The build was killed in the middle of the apply, so what it changed is not known.";
}
