import { stateKey } from "@sluice/jobs";
import type { Build } from "../build.ts";
import { JobFailure } from "../job-failure.ts";
import { cutTo, openText, toolWords, words } from "../masking/words.ts";
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
  const who = cutTo(toolWords(lock.Who, build.secrets), 100);
  const since = openText(lock.Created.slice(0, 16).replace("T", " "));
  throw new JobFailure(
    "state_locked",
    words`The state of ${openText(job.workspace)} in ${openText(job.environment)} is locked by ${who} since ${since} UTC, not by Sluice. ${NOTHING_CHANGED}`,
    { repeatable: true },
  );
}
