import type { Sentence } from "@sluice/events";
import { blocksWorkspace, hasApplied, leaseOf, type RequestItem, stepOfKey, type Workspace } from "@sluice/jobs";
import type * as z from "zod";
import { freedBy } from "./closing.ts";

/** What an ended job leaves in its workspace: the last build, a block when an apply was let go and did not end cleanly, and freedom when the request is closed. */
export function workspaceAfterJob(item: RequestItem, key: string, workspace: Workspace, now: number): Workspace {
  const job = item.jobs[key];
  if (!job) return workspace;
  const lastBuild = leaseOf(job) ?? job.lastBuild?.build;
  const seen: Workspace = lastBuild && job.end !== "dropped" ? { ...workspace, lastBuild } : workspace;
  return freedBy(item, job.kind === "apply" ? afterApply(item, key, seen, now) : seen, now);
}

function afterApply(item: RequestItem, key: string, workspace: Workspace, now: number): Workspace {
  const job = item.jobs[key];
  if (!job) return workspace;
  if (hasApplied(job)) {
    const { interrupted: _known, ...clean } = workspace;
    return clean;
  }
  if (!blocksWorkspace(job)) return workspace;
  const blocked = {
    request: item.request,
    ...stepOfKey(key),
    since: now,
    sentence: blockedSentence(job.report !== undefined),
  };
  return { ...workspace, blocked, interrupted: true };
}

/** Why nobody may apply here for now. */
export function blockedSentence(hasReport: boolean): z.infer<typeof Sentence> {
  return hasReport
    ? "Terraform stopped in the middle of the apply."
    : "The build was killed in the middle of the apply, so what it changed is not known.";
}
