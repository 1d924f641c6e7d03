import "@sluice/http-without-websockets";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import { buildTable, documentsOf, JobInput } from "@sluice/jobs";
import { objectStore } from "./aws/object-store.ts";
import type { Build } from "./build.ts";
import { type Config, interruptAfter, parseConfig } from "./config.ts";
import { jobDesk, reportsQueue } from "./desk.ts";
import { crashLine, doingLine, endLine } from "./log-lines.ts";
import { noSecrets, secretsAnd } from "./masking/secrets.ts";
import { progress } from "./progress.ts";
import { runJob } from "./run-job.ts";
import { toolRunner } from "./tools/run-tool.ts";
import { secretVariables, toolEnvironment } from "./tools/tool-environment.ts";
import { workOf } from "./work.ts";

/** One build: reads what it was told, does it, says how it ended. It prints what it tells of itself for the message, and nothing else of a user or a tool. */
async function main(): Promise<void> {
  const config = parseConfig(process.env);
  const input = await readInput(config);
  const s3 = new S3Client(patient);
  const store = buildTable(documentsOf(new DynamoDBClient(patient)), config.BUILDS_TABLE_NAME);
  const send = reportsQueue(new SQSClient(patient), config.REPORTS_QUEUE_URL);
  const told = progress((doing) =>
    send({ message: "job.progressed", job: input.job, build: config.CODEBUILD_BUILD_ID, ...doing }),
  );
  const work = join(process.cwd(), "work");
  await mkdir(work);
  const build: Build = {
    config,
    release: join(process.cwd(), "release"),
    work,
    runTool: toolRunner(toolEnvironment(process.env)),
    jobs: objectStore(s3, config.JOBS_BUCKET),
    states: objectStore(s3, config.STATES_BUCKET),
    secrets: secretsAnd(noSecrets, Object.values(secretVariables(process.env))),
    say(doing) {
      console.log(doingLine(doing));
      told.say(doing);
    },
    interrupt: interruptOf(config),
    now: () => Date.now(),
    left: () => interruptAfter(config) - performance.now(),
  };

  const ended = await runJob(
    jobDesk({
      build,
      store,
      send,
      work: workOf({ build, store, input, kms: new KMSClient(patient), sts: new STSClient(patient), env: process.env }),
      seconds: () => Math.round(performance.now() / 100) / 10,
    }),
  ).finally(told.end);
  console.log("superseded" in ended ? `superseded: ${ended.superseded}` : endLine(config.KIND, ended));
}

/** A build that cannot write its report has worked for nothing, and an apply that cannot is taken for interrupted. */
const patient = { maxAttempts: 8 };

/** @throws when the input is not this build's: whoever put it there did not mean this project. */
async function readInput({ JOB_ID, KIND, ENVIRONMENT }: Config): Promise<JobInput> {
  const input = JobInput.parse(JSON.parse(await readFile("input.json", "utf8")));
  if (input.job !== JOB_ID || input.kind !== KIND || input.environment !== ENVIRONMENT)
    throw new Error(`The input is of ${input.job} (${input.kind} in ${input.environment}), not of this build`);
  return input;
}

/** Terraform is stopped in time to write its state: before the build's time-out, and when the build is stopped. */
function interruptOf(config: Config): AbortSignal {
  const interrupt = new AbortController();
  setTimeout(() => interrupt.abort(), interruptAfter(config)).unref();
  process.on("SIGTERM", () => interrupt.abort());
  process.on("SIGINT", () => interrupt.abort());
  return interrupt.signal;
}

main().catch((cause: unknown) => {
  console.error(cause instanceof Error ? crashLine(cause) : "The build failed.");
  process.exitCode = 1;
});
