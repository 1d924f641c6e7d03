import {
  type DataOf,
  type EnvironmentName,
  type EventOf,
  NonRetriableError,
  pausingFor,
  plan,
  type RequestId,
  type RequestPaused,
  StepSuspended,
  WorkspaceRefused,
  type WorkspaceRequested,
  WorkspaceTaken,
} from "@sluice/events";
import {
  changeRequest,
  hasApplied,
  itemOf,
  jobKey,
  keptSlip,
  newWorkspace,
  type RequestItem,
  storedOutcome,
  type Turn,
  untilCommitted,
  type Workspace,
  withoutTurn,
} from "@sluice/jobs";
import { type Owed, owe, stepOf } from "@sluice/steps";
import { isFreedByPause } from "./closing.ts";
import { handOver } from "./hand-over.ts";
import { workOnPlan } from "./plan-step.ts";
import type { Ports } from "./ports.ts";
import { settleRequest } from "./settle.ts";
import { causeOfStep } from "./step-ports.ts";
import { freedOnPause as freedChanges, workspaceLeft } from "./transactions.ts";
import { MAX_WAITERS, standingOf, takeTurn } from "./turns.ts";

/**
 * A request is due: its open jobs are settled and, when it was handed its workspace, it does what it came for. Nothing more happens when it has begun already.
 *
 * @throws NonRetriableError `unknown_request`
 */
export async function requestDue(ports: Ports, environment: EnvironmentName, request: RequestId): Promise<void> {
  const item = await settleRequest(ports, environment, request);
  if (!item.turn) return;
  const turn = (await ports.store.workspace(environment, item.workspace))?.holder;
  if (turn?.request === request && turn.cause === item.turn && !item.closed && !item.jobs[jobKey(turn)])
    await ports.publish(
      await (isRepeat(item, turn) ? answerRepeat(ports, item, turn) : continuePlan(ports, item, turn)),
    );
  await beginTurn(ports, item);
}

/** A repeat of a configuration or scan comes with `workspace.requested` and has no slip here. */
function isRepeat(item: RequestItem, turn: Turn): boolean {
  return item.attempts[turn.step] === turn.attempt;
}

async function continuePlan(ports: Ports, item: RequestItem, turn: Turn): Promise<readonly Owed[]> {
  const slip = await keptSlip(ports.store, item, turn);
  const itineraryStep = stepOf(slip, turn.step, plan.kind);
  const config = plan.config.parse(itineraryStep.config);
  const { request, step: name, attempt, cause } = turn;
  return workOnPlan(ports, { request, name, attempt, slip, config, itineraryStep, cause });
}

/** A paused request wants its workspace again, for a repeat of a step whose apply is done. */
export async function requestWorkspace(ports: Ports, event: EventOf<typeof WorkspaceRequested>): Promise<void> {
  const { store, now } = ports;
  const { request, step, attempt } = event.data;
  const turn: Turn = { request, step, attempt, cause: event.metadata.id, since: now() };
  type Taken = Readonly<{ owed: readonly Owed[] } | { item: RequestItem; after: Workspace }>;
  const taken = await untilCommitted<Taken>(async () => {
    const item = await itemOf(store, request);
    if (!item?.digest)
      throw new NonRetriableError("unknown_request", `Nothing is known of ${request}, which wants its workspace`);
    if (item.closed || isOver(item, step, attempt)) return { owed: [] };
    const before = await store.workspace(item.environment, item.workspace);
    const workspace = before ?? newWorkspace({ environment: item.environment, name: item.workspace });
    const standing = standingOf(workspace, request);
    if (standing.is === "waiter") return { owed: [waitsForWorkspace(turn, standing)] };
    const after = takeTurn(workspace, turn);
    if (after === "line_full") return { owed: [workspaceRefused(item, turn, lineIsFull(workspace))] };
    const attempts = { ...item.attempts, [step]: attempt };
    const commit = await store.commit([
      { is: "request", before: item, after: { ...item, attempts } },
      { is: "workspace", before, after },
    ]);
    return commit === "lost" ? "lost" : { item, after };
  });
  if (!("item" in taken)) return ports.publish(taken.owed);
  const standing = standingOf(taken.after, request);
  const owed =
    standing.is === "waiter" ? [waitsForWorkspace(turn, standing)] : await answerRepeat(ports, taken.item, turn);
  await ports.publish(owed);
}

/** A repeat that a newer one has overtaken, or that has failed in its turn and given the workspace up. */
function isOver({ attempts, freed }: RequestItem, step: string, attempt: number): boolean {
  return (attempts[step] ?? 0) > attempt || (freed?.[step] ?? 0) >= attempt;
}

/** Says yes when nobody changed the workspace since; else no, and lets the next one have it. */
async function answerRepeat(ports: Ports, item: RequestItem, turn: Turn): Promise<readonly Owed[]> {
  const { environment, workspace: name, request } = item;
  const { step, attempt } = turn;
  const workspace = await ports.store.workspace(environment, name);
  if (!workspace) return [];
  const ours = await appliedEpoch(ports, item);
  if (ours === workspace.epoch) {
    const data = { request, environment, workspace: name, epoch: ours, step, attempt };
    return [owe(WorkspaceTaken, request, data, causeOfStep(turn))];
  }
  await leaveWorkspace(ports, item);
  const sentence = "The workspace was changed since by another request. Ask again to start from what is there now.";
  return [workspaceRefused(item, turn, sentence)];
}

/** By its turn one of so many will have changed it. */
function lineIsFull({ name }: Workspace): string {
  return `${MAX_WAITERS} requests wait for ${name} already, and each of them may change it. Ask again to start from what is there then.`;
}

function workspaceRefused(item: RequestItem, turn: Turn, sentence: string): Owed {
  const { request, environment, workspace } = item;
  const { step, attempt } = turn;
  return owe(
    WorkspaceRefused,
    request,
    { request, step, attempt, environment, workspace, sentence },
    causeOfStep(turn),
  );
}

/** The epoch that the request's own apply made, or nothing when it has applied nothing. */
async function appliedEpoch({ store }: Ports, item: RequestItem): Promise<number | undefined> {
  const key = Object.keys(item.jobs).findLast((each) => {
    const job = item.jobs[each];
    return job !== undefined && hasApplied(job);
  });
  const outcome = key === undefined ? undefined : await storedOutcome(store, item, key);
  return outcome?.ended === "completed" && typeof outcome.output.epoch === "number" ? outcome.output.epoch : undefined;
}

/** A request waits for a person about something that needs no workspace: others may go on. An older attempt frees nothing. */
export async function freeOnPause(
  ports: Ports,
  { request, step, attempt, reason }: DataOf<typeof RequestPaused>,
): Promise<void> {
  if (pausingFor(reason).workspace === "kept") return;
  const wakes = await untilCommitted(async () => {
    const item = await itemOf(ports.store, request);
    if (!item) throw new NonRetriableError("unknown_request", `Nothing is known of ${request}, which is paused`);
    const before = await ports.store.workspace(item.environment, item.workspace);
    if (!before || !isFreedByPause(item, { step, attempt })) return [];
    const { changes, wakes } = await handOver(ports.store, workspaceLeft(item, before), ports.now());
    const commit = await ports.store.commit(freedChanges(item, { step, attempt }, changes));
    return commit === "lost" ? "lost" : wakes;
  });
  await ports.wake(wakes);
}

/** It has begun what it came for, or will not: no sweep needs to wake it. */
async function beginTurn({ store, now }: Ports, item: RequestItem): Promise<void> {
  await changeRequest<never>(store, item, (seen) =>
    seen.turn && seen.turn === item.turn ? withoutTurn(seen, now()) : seen,
  );
}

async function leaveWorkspace({ store, wake, now }: Ports, item: RequestItem): Promise<void> {
  const { environment, workspace } = item;
  const wakes = await untilCommitted(async () => {
    const before = await store.workspace(environment, workspace);
    const { changes, wakes } = await handOver(store, workspaceLeft(item, before), now());
    if (changes.length === 0) return [];
    return (await store.commit(changes)) === "lost" ? "lost" : wakes;
  });
  await wake(wakes);
}

function waitsForWorkspace(
  { request, step, attempt, cause }: Turn,
  at: Readonly<{ holder: Turn["request"]; position: number }>,
): Owed {
  const said = `${cause}/${at.holder}/${at.position}`;
  const { holder, position } = at;
  return owe(
    StepSuspended,
    request,
    { request, step, attempt, waitsFor: "workspace", holder, position },
    { ...causeOfStep({ cause }), cause: said },
  );
}
