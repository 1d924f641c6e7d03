import { type JobId, NonRetriableError, type RequestId } from "@sluice/events";
import {
  itemOf,
  type JobStore,
  jobKey,
  keptSlip,
  type RequestItem,
  type Settled,
  settleJob,
  stepOfJob,
  stepOfKey,
  tellOutcome,
} from "@sluice/jobs";
import { type Owed, owedAfterStep } from "@sluice/steps";
import type { Ports } from "./ports.ts";
import { scanInput } from "./scan-input.ts";

/** Brings one scan as far as it can be brought now. */
export function settleScan(
  ports: Ports,
  { environment, request }: Pick<RequestItem, "environment" | "request">,
  key: string,
): Promise<Settled> {
  return settleJob(
    {
      ...ports,
      inputOf: (item) => scanInput(ports.store, item, key, ports.hosts),
      alongside: async () => [],
    },
    { environment, request, key },
  );
}

/** What an ended scan owes, every time it is asked; a request that has ended is told nothing more. */
export async function owedAfterScan(
  store: JobStore,
  key: string,
  { item, job, outcome }: Settled,
): Promise<readonly Owed[]> {
  if (!job.end || !outcome || item.closed) return [];
  const { step, attempt } = stepOfKey(key);
  const slip = await keptSlip(store, item, { step, attempt });
  const cause = { cause: job.cause, causationId: job.cause, actor: "service:compliance" };
  return owedAfterStep(slip, "scan", step, attempt, outcome, cause);
}

/**
 * Something was heard of a job: a report or a build's end. Settles it and tells what is owed.
 *
 * @throws NonRetriableError `unknown_job`
 */
export async function settleHeard(ports: Ports, job: JobId): Promise<void> {
  const { request, ...ref } = stepOfJob(job);
  const item = await itemOf(ports.store, request);
  if (!item) throw new NonRetriableError("unknown_job", `Nothing is known of ${job}`);
  await settleAndTell(ports, item, jobKey(ref));
}

/** A sweep found the request due: settles each of its open scans. */
export async function settleRequest(ports: Ports, environment: string, request: RequestId): Promise<void> {
  const item = await ports.store.request(environment, request);
  if (!item) throw new NonRetriableError("unknown_request", `Nothing is known of ${request} in ${environment}`);
  for (const [key, { end }] of Object.entries(item.jobs)) if (!end) await settleAndTell(ports, item, key);
}

async function settleAndTell(ports: Ports, item: RequestItem, key: string): Promise<void> {
  await tellOutcome(ports, key, await settleScan(ports, item, key), (settled) =>
    owedAfterScan(ports.store, key, settled),
  );
}
