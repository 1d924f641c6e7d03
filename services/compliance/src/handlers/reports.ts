import "@sluice/http-without-websockets";
import { consume, onMessage } from "@sluice/doors";
import { JobEndedMessage, JobProgressedMessage, tellProgress } from "@sluice/jobs";
import { settleHeard } from "../core/settle-scan.ts";
import { deps, park } from "../deps.ts";
import { onBuildEnded } from "./on-build-ended.ts";

const onJobProgressed = onMessage("job.progressed", JobProgressedMessage, (said) =>
  tellProgress(deps, "compliance", said),
);
const onJobEnded = onMessage("job.ended", JobEndedMessage, ({ job }) => settleHeard(deps, job));

/** What builds say, and what CodeBuild says of them. All of it only wakes. */
export const handler = consume([onJobProgressed, onJobEnded, onBuildEnded], park);
