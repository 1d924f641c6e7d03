import { ClosingCompleted, WorkspaceBlocked } from "@sluice/events";
import { blocksWorkspace, isQuiet, keptSlip, type RequestItem, type Settled, stepOfKey } from "@sluice/jobs";
import { type Cause, type Owed, owe, owedAfterStep } from "@sluice/steps";
import { blockedSentence } from "./after-job.ts";
import type { Ports } from "./ports.ts";

/** The cause of everything that a job owes: the event that asked for it, so that whatever wakes us, the ids are the same. */
export function causeOf(item: RequestItem, key: string): Cause {
  const { cause } = item.jobs[key] ?? {};
  if (!cause) throw new Error(`${item.request} has no job ${key}`);
  return { cause, causationId: cause, actor: "service:provisioner" };
}

/** What a closed request owes once each of its jobs has its end: only then is no build of it at work. */
export function owedAfterClosing(item: RequestItem, cause?: Cause): readonly Owed[] {
  const { request, closed } = item;
  if (closed?.why !== "closing" || !isQuiet(item)) return [];
  const asked = { cause: closed.cause, causationId: closed.cause, actor: "service:provisioner" };
  return [owe(ClosingCompleted, request, { request }, cause ?? asked)];
}

/** What an ended job owes, every time it is asked. A job without an end, or one that was dropped, owes nothing of its own. */
export async function owedAfterJob(
  ports: Pick<Ports, "store">,
  key: string,
  { item, job, outcome }: Settled,
): Promise<readonly Owed[]> {
  const closing = owedAfterClosing(item);
  if (!job.end || !outcome) return closing;
  if (item.closed && job.kind !== "apply") return closing; // Its end was told; nobody waits for this any more.

  const ref = stepOfKey(key);
  const slip = await keptSlip(ports.store, item, ref);
  const cause = causeOf(item, key);
  const steps = owedAfterStep(slip, job.kind, ref.step, ref.attempt, outcome, cause);
  const owed = item.closed ? steps.slice(0, 1) : steps; // What an apply did is told also after the end; the next step is not asked for.
  if (!blocksWorkspace(job)) return [...owed, ...closing];
  const { request, environment, workspace } = item;
  const sentence = blockedSentence(job);
  return [
    ...owed,
    owe(WorkspaceBlocked, request, { request, ...ref, environment, workspace, sentence }, cause),
    ...closing,
  ];
}

/** The attempts of a request whose jobs have no end yet. */
export function openJobs(item: RequestItem): readonly string[] {
  return Object.entries(item.jobs)
    .filter(([, { end }]) => !end)
    .map(([key]) => key);
}
