import { randomUUID } from "node:crypto";
import { type EventId, RequestId } from "@sluice/events";
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { consume, type Subscription } from "../src/index.ts";

export const REQUEST = RequestId.parse("req_7k3m9qx2");
export const EVENT = `evt_${"0".repeat(32)}` as EventId;

/** An event as EventBridge delivers it to a queue. */
export const envelope = (definition: { type: string; sources: readonly string[]; example: unknown }, change = {}) => ({
  version: "0",
  id: randomUUID(),
  source: definition.sources[0],
  account: "000000000000",
  time: "2026-11-23T12:00:00Z",
  region: "eu-west-1",
  resources: [],
  "detail-type": definition.type,
  detail: {
    metadata: {
      id: EVENT,
      correlationId: REQUEST,
      occurredAt: "2026-11-23T12:00:00.000Z",
      actor: "service:intake",
    },
    data: definition.example,
  },
  ...change,
});

type Parked = Readonly<{ body: string; code: string; reason: string; name: string }>;

/** A queue in front of these subscriptions: what is delivered, what comes back, what was parked. */
export function queueOf(
  subscriptions: readonly Subscription[],
  park: (parked: Parked) => Promise<void> = async () => undefined,
) {
  const parked: Parked[] = [];
  const handler = consume(subscriptions, async (what) => {
    await park(what);
    parked.push(what);
  });
  const deliver = async (...messages: readonly unknown[]): Promise<string[]> => {
    const Records = messages.map((message, n) => ({
      messageId: `message-${n}`,
      body: typeof message === "string" ? message : JSON.stringify(message),
      eventSource: "aws:sqs",
    }));
    const context = { awsRequestId: "1", functionName: "queue" } as Context;
    const answer = (await handler({ Records } as SQSEvent, context)) as SQSBatchResponse;
    return answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  return { deliver, parked };
}
