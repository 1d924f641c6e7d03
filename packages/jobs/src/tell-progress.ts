import { JobProgressed, type Service } from "@sluice/events";
import { type Owed, owe } from "@sluice/steps";
import { jobKey, jobRefOf, stepOfJob } from "./job-id.ts";
import { leaseOf } from "./job-item.ts";
import type { JobStore } from "./job-store.ts";
import type { JobProgressedMessage } from "./messages.ts";
import { itemOf } from "./places.ts";
import { tenths } from "./result.ts";

/** Tells what a build says of itself, if it has the lease. Of any other build nothing is told. */
export async function tellProgress(
  ports: Readonly<{ store: JobStore; publish(owed: readonly Owed[]): Promise<void> }>,
  owner: Service,
  said: JobProgressedMessage,
): Promise<void> {
  const { request, ...ref } = stepOfJob(said.job);
  const item = await itemOf(ports.store, request);
  const key = jobKey(ref);
  const job = item?.jobs[key];
  if (!item || !job || job.end) return;
  const own = await ports.store.job(jobRefOf(item, key, job));
  if (!own || leaseOf(own) !== said.build) return;
  const { build, sequence, doing, seconds } = said;
  const data = { request, ...ref, sequence, doing, ...(seconds !== undefined && { seconds: tenths(seconds) }) };
  const cause = { cause: `${build}/${sequence}`, causationId: job.cause, actor: `service:${owner}` };
  await ports.publish([owe(JobProgressed, request, data, cause)]);
}
