import { onBuildChange } from "@sluice/doors";
import { JobId, NonRetriableError } from "@sluice/events";
import { settleHeard } from "../core/settle-scan.ts";
import { deps } from "../deps.ts";

/** CodeBuild says that a build is over. It only wakes: what it means is read from the job. */
export const onBuildEnded = onBuildChange(async ({ job, build, terminal }) => {
  if (!terminal) return;
  const id = JobId.safeParse(job);
  if (!id.success) throw new NonRetriableError("unknown_job", `${build} was started by somebody else: it has no job`);
  await settleHeard(deps, id.data);
});
