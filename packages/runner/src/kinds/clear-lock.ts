import { stateKey } from "@sluice/jobs";
import type { Build } from "../build.ts";
import { JobFailure } from "../job-failure.ts";
import { type BuildTimes, isOurs, StateLock } from "../terraform/state-lock.ts";
import type { Terraform } from "../terraform/terraform.ts";
import { NOTHING_CHANGED, type RootJob } from "./open-root.ts";

/**
 * Removes the lock that our own last build left when it was killed. Any other lock is somebody's own Terraform at work, and is left alone.
 *
 * @throws JobFailure `state_locked`, naming who and since when.
 */
export async function clearLock(
  build: Build,
  tool: Terraform,
  job: Pick<RootJob, "environment" | "workspace">,
  lastBuild: BuildTimes | undefined,
): Promise<void> {
  const text = await build.states.latest(`${stateKey(job.environment, job.workspace)}.tflock`);
  if (text === undefined) return;
  const lock = StateLock.parse(JSON.parse(text));
  if (isOurs(lock, lastBuild)) return tool.forceUnlock(lock.ID);
  throw new JobFailure(
    "state_locked",
    `The state of ${job.workspace} in ${job.environment} is locked by ${lock.Who.slice(0, 100)} since ${lock.Created.slice(0, 16).replace("T", " ")} UTC, not by Sluice. ${NOTHING_CHANGED}`,
    { repeatable: true },
  );
}
