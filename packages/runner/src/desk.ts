import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import {
  giveReport,
  type Job,
  type JobInput,
  type JobPlace,
  type JobStore,
  jobKey,
  type LeaseRefusal,
  type ReportsMessage,
  takeLease,
} from "@sluice/jobs";
import { type Build, resultKey } from "./build.ts";
import type { Done, JobDesk } from "./run-job.ts";

/** Where a job lies in its owner's table. */
export function placeOf({ environment, request, workspace, step, attempt }: JobInput): JobPlace {
  return { environment, request, workspace, key: jobKey({ step, attempt }) };
}

/** A build's place at its owner's table: the lease, the report, the messages that wake. */
export function jobDesk({
  build,
  store,
  input,
  send,
  work,
  seconds,
}: {
  build: Build;
  store: JobStore;
  input: JobInput;
  send: (message: ReportsMessage) => Promise<void>;
  work: (job: Job) => Promise<Done>;
  seconds: () => number;
}): JobDesk<Job, LeaseRefusal> {
  const id = build.config.CODEBUILD_BUILD_ID;
  const place = placeOf(input);
  return {
    lease: () => takeLease(store, place, id, build.now),
    work,
    async report(result) {
      const said = await build.jobs.put(resultKey(build.config, "result.json"), JSON.stringify(result));
      const clean = result.outcome === "completed" || result.clean;
      const given = await giveReport(
        store,
        place,
        { build: id, outcome: result.outcome, clean, result: said },
        build.now,
      );
      // Somebody has judged this build dead and gone on without it; what it says now counts for nothing.
      if (given !== "reported") throw new Error(`The report came too late: ${given}`);
    },
    tellEnded: () => send({ message: "job.ended", job: input.job, build: id }),
    seconds,
  };
}

/** The owner's `reports` queue. */
export function reportsQueue(client: SQSClient, queueUrl: string) {
  return async (message: ReportsMessage): Promise<void> => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(message) }));
  };
}
