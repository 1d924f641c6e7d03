import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { ROOT_CREDENTIALS, startEmulator } from "../../account/account.ts";
import { startClock } from "../../clock/clock.ts";
import { ensureTools } from "../../setup/tools.ts";
import { PLACE } from "../../synth/synth.ts";
import { startLambdaHost } from "../start-lambda-host.ts";
import { buildFixture, fixtureSynth, queueArn } from "./fixture-synth.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** The fixture's functions on a host of their own, with an emulator that has its queue and a dead-letter queue. */
export async function startFixtureCloud({ maxReceiveCount = 3, batchSize = 10, idleMs = 20_000 } = {}) {
  const directory = mkdtempSync(join(tmpdir(), "sluice-lambda-"));
  const diaryFile = join(directory, "diary");
  appendFileSync(diaryFile, "");
  await buildFixture(directory);
  const emulator = await startEmulator({ directory, tools: await ensureTools({ root: ROOT, want: ["python"] }) });
  const client = { endpoint: emulator.url, region: PLACE.region, credentials: ROOT_CREDENTIALS };
  const sqs = new SQSClient(client);
  const iam = new IAMClient(client);
  for (const RoleName of ["Consumer", "Door", "Probe"])
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: LAMBDA_MAY_ASSUME }));
  const work = await createQueues(sqs, maxReceiveCount);
  const clock = startClock(join(directory, "clock"));
  const host = await startLambdaHost({
    root: directory,
    synth: fixtureSynth(batchSize),
    deployed: { real: { "synthesized-value": "real-value" } },
    endpoint: emulator.url,
    rootCredentials: ROOT_CREDENTIALS,
    directory: join(directory, "host"),
    clock,
    variables: { DIARY: diaryFile },
    idleMs,
  });

  return {
    host,
    clock,
    /** What the functions wrote down, a line each. */
    diary: () => linesOf(diaryFile),
    trace: (): Record<string, unknown>[] => linesOf(host.traceFile).map((line) => JSON.parse(line)),
    /** Sends messages with these bodies together, so that they can be received together. */
    async send(...bodies: string[]) {
      for (let at = 0; at < bodies.length; at += 10)
        await sqs.send(
          new SendMessageBatchCommand({
            QueueUrl: work,
            Entries: bodies.slice(at, at + 10).map((MessageBody, n) => ({ Id: String(n), MessageBody })),
          }),
        );
    },
    async sendTraced(body: string, AWSTraceHeader: string) {
      const MessageSystemAttributes = { AWSTraceHeader: { DataType: "String", StringValue: AWSTraceHeader } } as const;
      await sqs.send(new SendMessageCommand({ QueueUrl: work, MessageBody: body, MessageSystemAttributes }));
    },
    /** Bodies in the dead-letter queue, taken out of it. */
    async deadLetters() {
      const dead = new ReceiveMessageCommand({ QueueUrl: `${work}-dead`, MaxNumberOfMessages: 10 });
      const { Messages } = await sqs.send(dead);
      return (Messages ?? []).map(({ Body }) => Body);
    },
    /** Messages that are in the work queue, seen or unseen. */
    async left() {
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: work, AttributeNames: ["All"] }));
      return (
        Number(Attributes?.ApproximateNumberOfMessages) + Number(Attributes?.ApproximateNumberOfMessagesNotVisible)
      );
    },
    async stop() {
      await host.stop();
      await emulator.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const LAMBDA_MAY_ASSUME = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** A visibility time-out longer than any test: a message that comes back has been given back. */
async function createQueues(sqs: SQSClient, maxReceiveCount: number): Promise<string | undefined> {
  await sqs.send(new CreateQueueCommand({ QueueName: "work-dead" }));
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({
      QueueName: "work",
      Attributes: {
        VisibilityTimeout: "120",
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn("work-dead"), maxReceiveCount }),
      },
    }),
  );
  return QueueUrl;
}

const linesOf = (file: string) => readFileSync(file, "utf8").split("\n").filter(Boolean);
