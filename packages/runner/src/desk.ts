import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import {
  type BuildStore,
  giveReport,
  type JobItem,
  type LeaseRefusal,
  type ReportsMessage,
  takeLease,
} from "@sluice/jobs";
import { type Build, ownJobRef, ownKey } from "./build.ts";
import type { Done, JobDesk } from "./run-job.ts";

/** A build's place at its job's own item: the lease, the report, the messages that wake. */
export function jobDesk({
  build,
  store,
  send,
  work,
  seconds,
}: {
  build: Build;
  store: BuildStore;
  send: (message: ReportsMessage) => Promise<void>;
  work: (job: JobItem) => Promise<Done>;
  seconds: () => number;
}): JobDesk<JobItem, LeaseRefusal> {
  const id = build.config.CODEBUILD_BUILD_ID;
  const ref = ownJobRef(build.config);
  return {
    lease: () => takeLease(store, ref, id, build.now),
    work,
    async report(result) {
      const said = await build.jobs.put(ownKey(build.config, "result.json"), JSON.stringify(result));
      const clean = result.outcome === "completed" || result.clean;
      const given = await giveReport(store, ref, { build: id, outcome: result.outcome, clean, result: said });
      // Somebody has judged this build dead and gone on without it; what it says now counts for nothing.
      if (given !== "reported") throw new Error(`The report came too late: ${given}`);
    },
    tellEnded: () => send({ message: "job.ended", job: ref.job, build: id }),
    seconds,
  };
}

/** The owner's `reports` queue. */
export function reportsQueue(client: SQSClient, queueUrl: string) {
  return async (message: ReportsMessage): Promise<void> => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(message) }));
  };
}
