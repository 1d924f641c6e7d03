import type { RequestId } from "@sluice/events";
import {
  type Change,
  type Job,
  jobRefOf,
  newJobItem,
  type RequestItem,
  type TableKey,
  type Workspace,
  withTurn,
} from "@sluice/jobs";
import type { GrantExpectation } from "@sluice/steps";
import { freedBy } from "./closing.ts";
import { type OpenApplies, voiding } from "./open-applies.ts";
import { leave } from "./turns.ts";

/**
 * Which items each transition of the protocol writes, and so which versions it is conditional on (design, "Apply protocol"). Everything here is a pure function
 * of what was read, so that the model in `test/model` explores these very transactions. The start of an apply and the end of a job are in `@sluice/jobs`.
 */

/** A change of a workspace, as it was read and as it is to be. */
export type WorkspaceChange = Readonly<{ before: Workspace | undefined; after: Workspace | undefined }>;

/** Who gets the workspace by this change, if somebody does: their item has to be read too. */
export function nextHolder({ before, after }: WorkspaceChange): RequestId | undefined {
  const next = after?.holder?.request;
  return next === before?.holder?.request ? undefined : next;
}

/**
 * A workspace's change. Who gets it by this has its turn in the same transaction, so that a sweep wakes them should the message be lost.
 *
 * @param next the item of `nextHolder`
 */
export function handingOver(change: WorkspaceChange, next: RequestItem | undefined, now: number): readonly Change[] {
  const { before, after } = change;
  if (!after || after === before) return [];
  const written: Change = { is: "workspace", before, after };
  const { holder } = after;
  if (!next || !holder) return [written];
  return [written, { is: "request", before: next, after: withTurn(next, holder.cause, now) }];
}

/** A plan is taken up: the workspace is the request's from now on, and an apply of an older plan may not begin any more. */
export function planClaimed(
  {
    before,
    after,
    key,
    job,
  }: Readonly<{ before: RequestItem; after: RequestItem; key: string; job: Pick<Job, "kind" | "lastBuild"> }>,
  workspace: WorkspaceChange,
  applies: OpenApplies,
): readonly Change[] {
  const { lastBuild } = job;
  return [
    { is: "request", before, after },
    { is: "job", after: newJobItem(jobRefOf(before, key, job), lastBuild && { lastBuild }) },
    ...voiding(applies, "superseded"),
    ...handingOver(workspace, undefined, 0),
  ];
}

/** A request stands in line. It is written too: a closing in between must win or be seen. */
export function waitsInLine(item: RequestItem, workspace: WorkspaceChange): readonly Change[] {
  return [{ is: "request", before: item, after: item }, ...handingOver(workspace, undefined, 0)];
}

/** An apply or a configuration is claimed. Its own item is put whatever lies there: the request's decides. */
export function claimed(
  {
    before,
    after,
    key,
    job,
  }: Readonly<{ before: RequestItem; after: RequestItem; key: string; job: Pick<Job, "kind"> }>,
  grant?: GrantExpectation,
): readonly Change[] {
  return [
    { is: "request", before, after },
    { is: "job", after: newJobItem(jobRefOf(before, key, job), grant && { grant }) },
  ];
}

/** What a request's closing means for its workspace. */
export function workspaceOfClosed(item: RequestItem, workspace: Workspace | undefined): WorkspaceChange {
  return { before: workspace, after: workspace && freedBy(item, workspace) };
}

/** A request is closed: none of its applies may begin any more. Nothing when it was closed before and its workspace stays as it is. */
export function closed(
  before: RequestItem,
  after: RequestItem,
  applies: OpenApplies,
  handed: readonly Change[],
): readonly Change[] {
  if (after === before && handed.length === 0) return [];
  return [{ is: "request", before, after }, ...(after === before ? [] : voiding(applies, "closed")), ...handed];
}

/** What is refused is refused for ever, also by the request's version: of two who judge one message, one is lost and finds what the other has kept. */
export function refused(item: RequestItem, key: TableKey, code: string): readonly Change[] {
  return [
    { is: "request", before: item, after: item },
    { is: "beside", key, value: { code } },
  ];
}

/** The request waits for a person and needs no workspace. It is written too: a repeat that is taken up in between must be seen. */
export function freedOnPause(
  item: RequestItem,
  { step, attempt }: Readonly<{ step: string; attempt: number }>,
  handed: readonly Change[],
): readonly Change[] {
  const after = { ...item, freed: { ...item.freed, [step]: attempt } };
  return [{ is: "request", before: item, after }, ...handed];
}

/** What a request's leaving means for its workspace. */
export function workspaceLeft(item: RequestItem, workspace: Workspace | undefined): WorkspaceChange {
  return { before: workspace, after: workspace && leave(workspace, item.request) };
}
