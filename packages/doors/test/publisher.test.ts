import type { EventBridgeClient, PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { catalogue, type EventDefinition, WithdrawalRefused } from "@sluice/events";
import { type Owed, owe } from "@sluice/steps";
import { describe, expect, it } from "vitest";
import { publisher } from "../src/index.ts";
import { EVENT, REQUEST } from "./factories.ts";

const NOON = Date.UTC(2026, 10, 23, 12);
const refusal = owe(WithdrawalRefused, REQUEST, WithdrawalRefused.data.parse(WithdrawalRefused.example), {
  cause: EVENT,
  causationId: EVENT,
  actor: "service:intake",
});

/** A bus that takes everything except what `refuses` names. */
function bus(refuses: (entry: PutEventsRequestEntry) => boolean = () => false) {
  const calls: PutEventsRequestEntry[][] = [];
  const client = {
    async send({ input }: { input: { Entries: PutEventsRequestEntry[] } }) {
      calls.push(input.Entries);
      const Entries = input.Entries.map((entry) =>
        refuses(entry) ? { ErrorCode: "ThrottlingException", ErrorMessage: "slow down" } : { EventId: "1" },
      );
      return { FailedEntryCount: Entries.filter((entry) => "ErrorCode" in entry).length, Entries };
    },
  } as unknown as EventBridgeClient;
  return { calls, publish: publisher(client, "sluice-test", "intake", () => NOON) };
}

describe("publishing", () => {
  it("puts an owed event on the bus as this service, with the time of now", async () => {
    const { calls, publish } = bus();

    await publish([refusal]);

    const [entry] = calls.flat();
    expect(entry).toMatchObject({
      EventBusName: "sluice-test",
      Source: "sluice.intake",
      DetailType: "withdrawal.refused.v1",
    });
    expect(JSON.parse(entry?.Detail ?? "")).toEqual({
      metadata: {
        id: refusal.id,
        correlationId: REQUEST,
        causationId: EVENT,
        occurredAt: "2026-11-23T12:00:00.000Z",
        actor: "service:intake",
      },
      data: WithdrawalRefused.example,
    });
  });

  it("puts at most ten at once, in their order", async () => {
    const { calls, publish } = bus();
    const many = Array.from({ length: 23 }, (_, n) => ({ ...refusal, actor: `service:${n}` }));

    await publish(many);

    expect(calls.map(({ length }) => length)).toEqual([10, 10, 3]);
    expect(calls.flat().map(({ Detail }) => JSON.parse(Detail ?? "").metadata.actor)).toEqual(
      many.map(({ actor }) => actor),
    );
  });

  it("throws when the bus refuses one of them, though it answers 200", async () => {
    const { publish } = bus(({ Detail }) => Detail?.includes("service:1") ?? false);

    const publishing = publish([refusal, { ...refusal, actor: "service:1" }]);

    await expect(publishing).rejects.toThrow("ThrottlingException slow down");
  });

  it.each<[string, Owed]>([
    ["whose data is not as defined", { ...refusal, data: { request: REQUEST } }],
    ["that says more than is defined", { ...refusal, data: { ...refusal.data, more: 1 } }],
    ["that nobody defined", { ...refusal, type: "something.happened.v1" }],
  ])("refuses an event %s, and puts nothing of that batch on the bus", async (_case, odd) => {
    const { calls, publish } = bus();

    await expect(publish([refusal, odd])).rejects.toThrow();
    expect(calls).toEqual([]);
  });

  it("calls nobody when nothing is owed", async () => {
    const { calls, publish } = bus();

    await publish([]);

    expect(calls).toEqual([]);
  });

  it.each([...catalogue.values()].map((definition) => [definition.type, definition] as const))(
    "can say %s",
    async (type, { example }: EventDefinition) => {
      const { calls, publish } = bus();

      await publish([{ ...refusal, type, data: example as object }]);

      expect(calls).toHaveLength(1);
    },
  );
});
