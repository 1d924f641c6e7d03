import "@sluice/http-without-websockets";
import { consume, onBuildChange, onMessage } from "@sluice/doors";
import { JobId, NonRetriableError } from "@sluice/events";
import { JobEndedMessage, JobProgressedMessage, tellProgress } from "@sluice/jobs";
import { settleHeard } from "../core/settle.ts";
import { deps, park } from "../deps.ts";

const onJobProgressed = onMessage("job.progressed", JobProgressedMessage, (said) =>
  tellProgress(deps, "provisioner", said),
);
const onJobEnded = onMessage("job.ended", JobEndedMessage, ({ job }) => settleHeard(deps, job));

const onBuildEnded = onBuildChange(async ({ job, build, terminal }) => {
  if (!terminal) return;
  const id = JobId.safeParse(job);
  if (!id.success) throw new NonRetriableError("unknown_job", `${build} was started by somebody else: it has no job`);
  await settleHeard(deps, id.data);
});

/** What builds say, and what CodeBuild says of them. All of it only wakes. */
export const handler = consume([onJobProgressed, onJobEnded, onBuildEnded], park);
