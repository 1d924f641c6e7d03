import { JobProgressed, type Service } from "@sluice/events";
import { type Owed, owe } from "@sluice/steps";
import { leaseOf } from "./job.ts";
import { jobKey, stepOfJob } from "./job-id.ts";
import type { JobStore } from "./job-store.ts";
import type { JobProgressedMessage } from "./messages.ts";
import { itemOf } from "./places.ts";

/** Tells what a build says of itself, if it has the lease. Of any other build nothing is told. */
export async function tellProgress(
  ports: Readonly<{ store: JobStore; publish(owed: readonly Owed[]): Promise<void> }>,
  owner: Service,
  said: JobProgressedMessage,
): Promise<void> {
  const { request, ...ref } = stepOfJob(said.job);
  const item = await itemOf(ports.store, request);
  const job = item?.jobs[jobKey(ref)];
  if (!job || leaseOf(job) !== said.build) return;
  const { build, sequence, doing, seconds } = said;
  const data = { request, ...ref, sequence, doing, ...(seconds !== undefined && { seconds }) };
  const cause = { cause: `${build}/${sequence}`, causationId: job.cause, actor: `service:${owner}` };
  await ports.publish([owe(JobProgressed, request, data, cause)]);
}
