import { type JobId, NonRetriableError, type RequestId } from "@sluice/events";
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
import { owedAfterClosing } from "./close-request.ts";
import { wakesOf } from "./end-request.ts";
import { inputOf } from "./inputs.ts";
import { openJobs, owedAfterJob } from "./owed-after-job.ts";
import type { Ports, Wake } from "./ports.ts";

/** Brings one job as far as it can be brought now; its end, its outcome and its workspace change in one transaction. */
export async function settle(
  ports: Ports,
  place: Readonly<{ environment: string; request: string }>,
  key: string,
): Promise<Settled> {
  const { store, now } = ports;
  let wakes: readonly Wake[] = [];
  const alongside = async (ended: RequestItem): Promise<readonly Change[]> => {
    const before = await store.workspace(ended.environment, ended.workspace);
    const after = before && workspaceAfterJob(ended, key, before, now());
    wakes = wakesOf(before, after);
    return after && after !== before ? [{ is: "workspace", before, after }] : [];
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

/** A sweep found the request due: settles each of its open jobs. */
export async function settleRequest(ports: Ports, environment: string, request: RequestId): Promise<void> {
  const item = await ports.store.request(environment, request);
  if (!item) throw new NonRetriableError("unknown_request", `Nothing is known of ${request} in ${environment}`);
  for (const key of openJobs(item)) await settleAndTell(ports, item, key);
  await ports.publish(owedAfterClosing(item));
}

async function settleAndTell(ports: Ports, item: RequestItem, key: string): Promise<void> {
  await tellOutcome(ports, key, await settle(ports, item, key), (settled) => owedAfterJob(ports, key, settled));
}
