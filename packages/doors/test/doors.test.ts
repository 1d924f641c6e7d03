import type { SQSClient } from "@aws-sdk/client-sqs";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deadLetterQueue, httpDoor, json, type OwnMessage, ownQueue, rawBody, sweep } from "../src/index.ts";

const context = { awsRequestId: "1" } as Context;

/** A queue that remembers what it was sent, and refuses what it is told to. */
function queue(refusesAt = -1) {
  const calls: Record<string, unknown>[] = [];
  const client = {
    async send({ input }: { input: Record<string, unknown> }) {
      calls.push(input);
      return calls.length - 1 === refusesAt ? { Failed: [{ Code: "Throttled", Message: "slow down" }] } : {};
    },
  } as unknown as SQSClient;
  return { calls, client };
}

describe("a sweep", () => {
  const sweepOf = (pages: (now: number) => readonly (readonly Record<string, unknown>[])[]) => {
    const sent: OwnMessage[] = [];
    const handler = sweep({
      now: () => 1_000,
      async *due(now) {
        yield* pages(now);
      },
      wakeOf: ({ gate }) => (typeof gate === "string" ? { message: "gate.due", gate } : undefined),
      send: async (messages) => void sent.push(...messages),
    });
    return { sent, handler };
  };

  it("sends what is due at its own time, page by page to the end, and says how much", async () => {
    const { sent, handler } = sweepOf((now) => [[{ gate: `a${now}` }, { gate: "b" }], [], [{ gate: "c" }]]);

    expect(await handler({}, context)).toEqual({ swept: 3, passedOver: 0 });
    expect(sent.map(({ gate }) => gate)).toEqual(["a1000", "b", "c"]);
  });

  it("passes over what is no item of ours, whatever it is, and goes on", async () => {
    const junk = fc.dictionary(fc.string(), fc.jsonValue()).filter(({ gate }) => typeof gate !== "string");
    await fc.assert(
      fc.asyncProperty(fc.array(junk, { maxLength: 5 }), async (items) => {
        const { sent, handler } = sweepOf(() => [
          [...items, { gate: "a" }],
          [...items, { gate: "b" }],
        ]);

        expect(await handler({}, context)).toEqual({ swept: 2, passedOver: 2 * items.length });
        expect(sent.map(({ gate }) => gate)).toEqual(["a", "b"]);
      }),
      { numRuns: 30 },
    );
  });

  it("fails when the queue does not take one of them: what is due stays due", async () => {
    const { client } = queue(1);
    const many = Array.from({ length: 12 }, (_, n) => ({ message: "gate.due", n }));

    await expect(ownQueue(client, "http://queue")(many)).rejects.toThrow("Throttled slow down");
  });

  it("sends at most ten messages in a call", async () => {
    const { client, calls } = queue();

    await ownQueue(client, "http://queue")(Array.from({ length: 23 }, (_, n) => ({ message: "gate.due", n })));

    expect(calls.map(({ Entries }) => (Entries as unknown[]).length)).toEqual([10, 10, 3]);
  });
});

describe("parking", () => {
  it("keeps the body as it came, with the reason beside it, cut to what an attribute takes", async () => {
    const { client, calls } = queue();

    await deadLetterQueue(
      client,
      "http://dead",
    )({ body: "{ oh", code: "not_json", reason: "r".repeat(5_000), name: "" });

    expect(calls).toEqual([
      {
        QueueUrl: "http://dead",
        MessageBody: "{ oh",
        MessageAttributes: {
          code: { DataType: "String", StringValue: "not_json" },
          reason: { DataType: "String", StringValue: "r".repeat(1_000) },
          event: { DataType: "String", StringValue: "-" },
        },
      },
    ]);
  });
});

describe("an HTTP door", () => {
  const httpEvent = (change = {}) =>
    ({ rawPath: "/api/x", isBase64Encoded: false, ...change }) as APIGatewayProxyEventV2;

  it("reads the bytes that were sent, in base64 or as text, also none", () => {
    const bytes = Buffer.from("text=%E2%82%AC&x=€");

    expect(rawBody({ body: bytes.toString("base64"), isBase64Encoded: true })).toEqual(bytes);
    expect(rawBody({ body: bytes.toString("utf8"), isBase64Encoded: false })).toEqual(bytes);
    expect(rawBody({ isBase64Encoded: false })).toEqual(Buffer.alloc(0));
  });

  it("answers what the work answers", async () => {
    const answer = await httpDoor(async () => json(202, { ok: true }))(httpEvent(), context);

    expect(answer).toMatchObject({ statusCode: 202, body: '{"ok":true}' });
  });

  it("answers 500 without a word of what was thrown", async () => {
    const answer = await httpDoor(async () => {
      throw new Error("the secret is 42");
    })(httpEvent(), context);

    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain("42");
  });
});
