import type { RequestId } from "@sluice/events";
import type { Turn, Workspace } from "@sluice/jobs";

/** Where a request stands in a workspace: it holds it, it waits behind somebody, or the workspace knows nothing of it. */
export type Standing =
  | Readonly<{ is: "holder" }>
  | Readonly<{ is: "waiter"; holder: RequestId; position: number }>
  | Readonly<{ is: "nobody" }>;

export function standingOf({ holder, waiters }: Workspace, request: RequestId): Standing {
  if (holder?.request === request) return { is: "holder" };
  const index = waiters.findIndex((each) => each.request === request);
  if (index < 0 || !holder) return { is: "nobody" };
  return { is: "waiter", holder: holder.request, position: index + 1 };
}

/** How many may wait for one workspace. All of them stand in its item, whose size a claim and each hand-over pay for; a person's turn behind so many is days away. */
export const MAX_WAITERS = 100;

/** Takes the workspace if it is free or already the request's; else stands in line, once, behind everybody who came before, unless the line is full. */
export function takeTurn(workspace: Workspace, turn: Turn): Workspace | "line_full" {
  if (standingOf(workspace, turn.request).is === "waiter") return workspace;
  if (!workspace.holder || workspace.holder.request === turn.request) return { ...workspace, holder: turn };
  if (workspace.waiters.length >= MAX_WAITERS) return "line_full";
  return { ...workspace, waiters: [...workspace.waiters, turn] };
}

/**
 * Leaves the line, or hands the workspace to the first who waits: it is never free while somebody does.
 * A blocked workspace stays with its holder until it is unlocked.
 */
export function leave(workspace: Workspace, request: RequestId): Workspace {
  if (workspace.holder?.request !== request) {
    const waiters = workspace.waiters.filter((each) => each.request !== request);
    return waiters.length === workspace.waiters.length ? workspace : { ...workspace, waiters };
  }
  if (workspace.blocked) return workspace;
  const { holder: _left, ...free } = workspace;
  const [next, ...waiters] = workspace.waiters;
  return next ? { ...free, holder: next, waiters } : free;
}

/** An operator's word that the workspace may be used again; its epoch moves, so that no plan from before can be applied. */
export function unlock(workspace: Workspace): Workspace {
  const { blocked: _lifted, ...rest } = workspace;
  return { ...rest, epoch: workspace.epoch + 1 };
}
