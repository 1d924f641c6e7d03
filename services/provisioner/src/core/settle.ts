import { type BuildId, type JobId, NonRetriableError, type RequestId } from "@sluice/events";
import {
  type Change,
  itemOf,
  jobKey,
  type RequestItem,
  type Settled,
  settleJob,
  stepOfJob,
  tellOutcome,
} from "@sluice/jobs";
import { workspaceAfterJob } from "./after-job.ts";
import { handOver } from "./hand-over.ts";
import { inputOf } from "./inputs.ts";
import { openJobs, owedAfterClosing, owedAfterJob } from "./owed-after-job.ts";
import type { Ports, Wake } from "./ports.ts";

/** Brings one job as far as it can be brought now; its end, its outcome and its workspace change in one transaction. */
export async function settle(
  ports: Ports,
  place: Readonly<{ environment: string; request: string }>,
  key: string,
): Promise<Settled> {
  const { store, now } = ports;
  let wakes: readonly Wake[] = [];
  const alongside = async (ended: RequestItem, lease: BuildId | undefined): Promise<readonly Change[]> => {
    const before = await store.workspace(ended.environment, ended.workspace);
    const after = before && workspaceAfterJob(ended, key, lease, before, now());
    const made = await handOver(store, { before, after }, now());
    wakes = made.wakes;
    return made.changes;
  };
  const settled = await settleJob(
    { ...ports, inputOf: (item) => inputOf(store, item, key, ports.hosts), alongside },
    { ...place, key },
  );
  await ports.wake(wakes);
  return settled;
}

/** Something was heard of a job: a report, a build's end, a sweep. Settles it and tells what is owed. */
export async function settleHeard(ports: Ports, job: JobId): Promise<void> {
  const { request, ...ref } = stepOfJob(job);
  const item = await itemOf(ports.store, request);
  if (!item) throw new NonRetriableError("unknown_job", `Nothing is known of ${job}`);
  await settleAndTell(ports, item, jobKey(ref));
}

/** Settles each open job of a request and tells what is owed. What the request is afterwards. */
export async function settleOpen(ports: Ports, item: RequestItem): Promise<RequestItem> {
  let latest = item;
  for (const key of openJobs(item)) latest = await settleAndTell(ports, item, key);
  return latest;
}

/** A sweep found the request due, or it was handed its workspace: settles each of its open jobs, and what it owes. */
export async function settleRequest(ports: Ports, environment: string, request: RequestId): Promise<RequestItem> {
  const item = await ports.store.request(environment, request);
  if (!item) throw new NonRetriableError("unknown_request", `Nothing is known of ${request} in ${environment}`);
  const settled = await settleOpen(ports, item);
  await ports.publish(owedAfterClosing(settled));
  return settled;
}

async function settleAndTell(ports: Ports, item: RequestItem, key: string): Promise<RequestItem> {
  const settled = await settle(ports, item, key);
  await tellOutcome(ports, key, settled, (ended) => owedAfterJob(ports, key, ended));
  return settled.item;
}
