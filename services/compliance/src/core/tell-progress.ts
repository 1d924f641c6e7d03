import { JobProgressed } from "@sluice/events";
import { type JobProgressedMessage, jobKey, leaseOf, stepOfJob } from "@sluice/jobs";
import { owe } from "@sluice/steps";
import { itemOf } from "./places.ts";
import type { Ports } from "./ports.ts";

/** Tells what a build says of itself, if it has the lease. Of any other build nothing is told. */
export async function tellProgress(ports: Pick<Ports, "store" | "publish">, said: JobProgressedMessage): Promise<void> {
  const { request, ...ref } = stepOfJob(said.job);
  const item = await itemOf(ports.store, request);
  const job = item?.jobs[jobKey(ref)];
  if (!job || leaseOf(job) !== said.build) return;
  const { build, sequence, doing, seconds } = said;
  const data = { request, ...ref, sequence, doing, ...(seconds !== undefined && { seconds }) };
  const cause = { cause: `${build}/${sequence}`, causationId: job.cause, actor: "service:compliance" };
  await ports.publish([owe(JobProgressed, request, data, cause)]);
}
