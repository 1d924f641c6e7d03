import {
  type DataOf,
  type EnvironmentName,
  type EventOf,
  NonRetriableError,
  pausingFor,
  plan,
  type RequestPaused,
  StepSuspended,
  type WorkspaceName,
  WorkspaceRefused,
  type WorkspaceRequested,
  WorkspaceTaken,
} from "@sluice/events";
import {
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
} from "@sluice/jobs";
import { type Owed, owe, stepOf } from "@sluice/steps";
import { isFreedByPause } from "./closing.ts";
import { wakesOf } from "./end-request.ts";
import { workOnPlan } from "./plan-step.ts";
import type { Ports } from "./ports.ts";
import { causeOfStep } from "./step-ports.ts";
import { awake, leave, standingOf, takeTurn } from "./turns.ts";

/** The holder has its turn: does what it came for. Nothing happens when it has begun already. */
export async function wakeHolder(ports: Ports, environment: EnvironmentName, name: WorkspaceName): Promise<void> {
  const workspace = await ports.store.workspace(environment, name);
  const turn = workspace?.holder;
  if (!workspace || !turn) return;
  const item = await ports.store.request(environment, turn.request);
  if (!item || item.closed || item.jobs[jobKey(turn)]) return settleTurn(ports, environment, name, turn);

  await ports.publish(await (isRepeat(item, turn) ? answerRepeat(ports, item, turn) : continuePlan(ports, item, turn)));
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

/** A paused request wants its workspace again, for a repeat of a step whose apply is done (design §5). */
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
    await settleTurn(ports, environment, name, turn);
    const data = { request, environment, workspace: name, epoch: ours, step, attempt };
    return [owe(WorkspaceTaken, request, data, causeOfStep(turn))];
  }
  await changeWorkspace(ports, environment, name, (seen) => leave(seen, request, ports.now()));
  const sentence = "The workspace was changed since by another request. Ask again to start from what is there now.";
  return [
    owe(
      WorkspaceRefused,
      request,
      { request, step, attempt, environment, workspace: name, sentence },
      causeOfStep(turn),
    ),
  ];
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

/** A request waits for a person about something that needs no workspace: others may go on (design §5). An older attempt frees nothing. */
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
    const after = leave(before, request, ports.now());
    // The request is written too: a repeat that is taken up in between must be seen, and a pause that is told again must free nothing.
    const commit = await ports.store.commit([
      { is: "request", before: item, after: { ...item, freed: { ...item.freed, [step]: attempt } } },
      { is: "workspace", before, after },
    ]);
    return commit === "lost" ? "lost" : wakesOf(before, after);
  });
  await ports.wake(wakes);
}

async function settleTurn(ports: Ports, environment: string, name: string, turn: Turn): Promise<void> {
  await changeWorkspace(ports, environment, name, (seen) =>
    seen.dueAt !== undefined && seen.holder?.request === turn.request ? awake(seen) : seen,
  );
}

async function changeWorkspace(
  { store, wake }: Ports,
  environment: string,
  name: string,
  transition: (workspace: Workspace) => Workspace,
): Promise<void> {
  const wakes = await untilCommitted(async () => {
    const before = await store.workspace(environment, name);
    if (!before) return [];
    const after = transition(before);
    if (after === before) return [];
    return (await store.commit([{ is: "workspace", before, after }])) === "lost" ? "lost" : wakesOf(before, after);
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
