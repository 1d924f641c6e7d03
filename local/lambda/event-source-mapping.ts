import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { QueueMapping } from "./host-plan.ts";
import { failedMessages, sqsEvent } from "./sqs-event.ts";
import { rounded, type Trace } from "./trace.ts";

/** A failed message comes back after 200 ms, then 400, up to 5 s. AWS waits out the visibility time-out; only that wait is shortened. */
const BACK_AFTER_MS = { first: 200, most: 5_000 };

/** A poll that fails is tried again at once, then ever later, so that a stopped emulator is not hammered. */
const POLL_AGAIN_AFTER_MS = { first: 50, most: 2_000 };

interface MappingPorts {
  sqs: SQSClient;
  queueUrl: string;
  region: string;
  trace: Trace;
  /** How many batches may be under way: what the function's workers can hold. */
  concurrency: number;
  /** JSON text of the function's answer; throws when the invocation failed. */
  invoke(event: object, traceHeader: string | undefined): Promise<string>;
}

/** Polls a queue for as long as the host lives, one long poll at a time, and only while a worker could take the answer. */
export async function runMapping(mapping: QueueMapping, ports: MappingPorts): Promise<never> {
  const underWay = new Set<Promise<void>>();
  let failuresInARow = 0;
  for (;;) {
    while (underWay.size >= ports.concurrency) await Promise.race(underWay);
    try {
      const messages = await receive(mapping, ports);
      failuresInARow = 0;
      if (!messages.length) continue;
      const delivery = deliver(messages, mapping, ports).finally(() => underWay.delete(delivery));
      underWay.add(delivery);
    } catch (cause) {
      ports.trace({ pollFailed: mapping.resource, cause: String(cause) });
      await sleep(doubling(POLL_AGAIN_AFTER_MS, failuresInARow++));
    }
  }
}

async function receive({ batchSize }: QueueMapping, { sqs, queueUrl }: MappingPorts): Promise<Message[]> {
  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: Math.min(batchSize, 10),
      WaitTimeSeconds: 20,
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    }),
  );
  return Messages ?? [];
}

async function deliver(messages: Message[], mapping: QueueMapping, ports: MappingPorts): Promise<void> {
  const receivedAt = Date.now();
  const began = performance.now();
  const failed = await failuresOf(messages, mapping, ports);

  const done = messages.filter(({ MessageId }) => !failed.has(MessageId ?? ""));
  const back = messages.filter(({ MessageId }) => failed.has(MessageId ?? ""));
  for (const message of back) void giveBack(message, mapping, ports);
  if (done.length) await remove(done, mapping, ports);

  ports.trace({
    batch: mapping.resource,
    messages: messages.length,
    failed: failed.size,
    waitedMs: messages.map(({ Attributes }) => receivedAt - Number(Attributes?.SentTimestamp)),
    receives: messages.map(receivesOf),
    ms: rounded(performance.now() - began),
  });
}

/** A failed invocation fails its whole batch; the pool has written down why. */
async function failuresOf(messages: Message[], mapping: QueueMapping, ports: MappingPorts): Promise<Set<string>> {
  const ids = messages.map(({ MessageId }) => MessageId ?? "");
  try {
    const answer = await ports.invoke(
      sqsEvent(messages, mapping, ports.region),
      messages[0]?.Attributes?.AWSTraceHeader,
    );
    return failedMessages(answer, ids, mapping.partialAnswers);
  } catch {
    return new Set(ids);
  }
}

/** When a message cannot be deleted it comes again after the visibility time-out, as on AWS. */
async function remove(messages: Message[], { resource }: QueueMapping, { sqs, queueUrl, trace }: MappingPorts) {
  const Entries = messages.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
  try {
    const { Failed } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    if (Failed?.length) trace({ undeleted: resource, cause: Failed.map(({ Message }) => Message).join("; ") });
  } catch (cause) {
    trace({ undeleted: resource, cause: String(cause) });
  }
}

async function giveBack(message: Message, { resource }: QueueMapping, { sqs, queueUrl, trace }: MappingPorts) {
  await sleep(doubling(BACK_AFTER_MS, receivesOf(message) - 1));
  try {
    await sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queueUrl,
        ReceiptHandle: message.ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    );
  } catch (cause) {
    trace({ notGivenBack: resource, cause: String(cause) }); // It comes back by the visibility time-out.
  }
}

const receivesOf = ({ Attributes }: Message) => Number(Attributes?.ApproximateReceiveCount ?? 1);
const doubling = ({ first, most }: { first: number; most: number }, times: number) =>
  Math.min(most, first * 2 ** Math.max(0, times));
const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));
