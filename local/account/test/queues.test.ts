import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { type ClientRequest, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import { startProcess } from "../../process/start-process.ts";
import { ensureTools } from "../../setup/tools.ts";
import { type Cloud, root } from "./cloud.ts";
import { patchTest } from "./patch-test.ts";

const QUEUE_ARN = "arn:aws:sqs:eu-west-1:000000000000:work";
const ROOT_AUTHORIZATION =
  "AWS4-HMAC-SHA256 Credential=000000000000/20260101/eu-west-1/sqs/aws4_request, SignedHeaders=host, Signature=0";

/** Without the patch a message waits 50 ms on average, with it some 2 ms. */
const PROMPT_MS = 20;

patchTest("long_poll_wake", "a waiting receiver has a message at once", {
  observe: async (cloud) => {
    const { sqs, QueueUrl } = await createQueue(cloud);
    const waits: number[] = [];
    for (let round = 0; round < 25; round++) {
      const polling = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
      await callsAnswered(sqs, QueueUrl, 3);
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "work" }));
      const sentAt = performance.now();
      await polling;
      waits.push(performance.now() - sentAt);
    }
    return (waits.sort((a, b) => a - b)[12] ?? 0) < PROMPT_MS;
  },
  patched: true,
  unpatched: false,
});

patchTest("hung_up_receiver", "a receiver that hung up takes no message", {
  observe: async (cloud) => {
    const { sqs, QueueUrl } = await createQueue(cloud);
    const poll = startPoll(cloud);
    await once(poll, "finish");
    await callsAnswered(sqs, QueueUrl, 20); // By then it waits.
    poll.destroy();
    await callsAnswered(sqs, QueueUrl, 20); // By then the emulator has seen the connection end.

    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "work" }));
    return receiveCounts(sqs, QueueUrl);
  },
  patched: ["1"],
  unpatched: [],
});

patchTest("give_back", "what is in flight can be given back to its queue as if nobody had received it, by root only", {
  observe: async (cloud) => {
    const { sqs, QueueUrl } = await createQueue(cloud);
    for (const MessageBody of ["one", "two"]) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    const stranger = await giveBack(
      cloud,
      "AWS4-HMAC-SHA256 Credential=ASIAUNKNOWN/20260101/eu-west-1/sqs/aws4_request",
    );
    const given = await giveBack(cloud, ROOT_AUTHORIZATION);
    return { stranger: stranger === "refused", given, counts: (await receiveCounts(sqs, QueueUrl)).sort() };
  },
  patched: { stranger: true, given: "1", counts: ["1", "1"] },
  unpatched: { stranger: true, given: "refused", counts: ["1"] },
});

patchTest("give_back", "a receiver that was there before gets nothing of what is given back", {
  observe: async (cloud) => {
    const { sqs, QueueUrl } = await createQueue(cloud);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "work" }));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    const poll = startPoll(cloud); // Of a host that was killed, which nobody knows yet.
    await once(poll, "finish");
    await callsAnswered(sqs, QueueUrl, 20); // By then it waits.

    await giveBack(cloud, ROOT_AUTHORIZATION);
    const counts = await receiveCounts(sqs, QueueUrl);
    poll.destroy();
    return counts;
  },
  patched: ["1"],
  unpatched: [],
});

test("the emulator's server sends small answers at once, by itself", async () => {
  const { python } = await ensureTools({ root, want: ["python"] });

  expect(await printed(python, "listening-socket.py")).toBe("at once");
});

async function createQueue(cloud: Cloud): Promise<{ sqs: SQSClient; QueueUrl: string }> {
  const sqs = new SQSClient(cloud.root);
  await sqs.send(new CreateQueueCommand({ QueueName: "work" }));
  return { sqs, QueueUrl: `${cloud.url}/000000000000/work` };
}

async function callsAnswered(sqs: SQSClient, QueueUrl: string, calls: number): Promise<void> {
  for (let call = 0; call < calls; call++)
    await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
}

function startPoll(cloud: Cloud): ClientRequest {
  const poll = request(cloud.url, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "AmazonSQS.ReceiveMessage",
      authorization: ROOT_AUTHORIZATION,
    },
  });
  poll.on("error", () => undefined); // We hang up ourselves.
  poll.end(JSON.stringify({ QueueUrl: `${cloud.url}/000000000000/work`, WaitTimeSeconds: 20 }));
  return poll;
}

/** Of each message that can be received within a second, how often it was received. */
async function receiveCounts(sqs: SQSClient, QueueUrl: string): Promise<string[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      WaitTimeSeconds: 1,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ["ApproximateReceiveCount"],
    }),
  );
  return Messages.map(({ Attributes }) => Attributes?.ApproximateReceiveCount ?? "");
}

async function giveBack(cloud: Cloud, authorization: string): Promise<string> {
  const answer = await fetch(`${cloud.url}/_local/give-back`, {
    method: "POST",
    headers: { authorization },
    body: JSON.stringify([QUEUE_ARN]),
  });
  return answer.ok ? answer.text() : "refused";
}

async function printed(python: string, script: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "sluice-account-"));
  const logFile = join(directory, "log");
  const program = await startProcess({
    name: script,
    command: python,
    args: [fileURLToPath(new URL(script, import.meta.url))],
    env: { PYTHONDONTWRITEBYTECODE: "1" },
    cwd: directory,
    logFile,
  });
  expect(await program.exited).toBe(0);
  const text = (await readFile(logFile, "utf8")).trim();
  await rm(directory, { recursive: true });
  return text;
}
