import { type EventOf, NonRetriableError, WithdrawalSubmitted } from "@sluice/events";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { on, onMessage } from "../src/index.ts";
import { EVENT, envelope, queueOf, REQUEST } from "./factories.ts";
import { lists } from "./hostile.ts";

const withdrawal = (change = {}) => envelope(WithdrawalSubmitted, change);
const heardBy = (work: (event: EventOf<typeof WithdrawalSubmitted>) => Promise<void> = async () => undefined) => {
  const heard: EventOf<typeof WithdrawalSubmitted>[] = [];
  const subscription = on(WithdrawalSubmitted, async (event) => {
    heard.push(event);
    await work(event);
  });
  return {
    heard,
    ...queueOf([subscription, onMessage("gate.due", z.strictObject({ gate: z.string() }), async () => {})]),
  };
};

describe("a queue's door", () => {
  it("hands a good event to its subscription, parsed, and nothing comes back", async () => {
    const { deliver, heard, parked } = heardBy();

    expect(await deliver(withdrawal())).toEqual([]);
    expect(heard).toEqual([
      {
        type: "withdrawal.submitted.v1",
        source: "sluice.intake",
        metadata: expect.objectContaining({ id: EVENT, correlationId: REQUEST }),
        data: WithdrawalSubmitted.example,
      },
    ]);
    expect(parked).toEqual([]);
  });

  const detail = withdrawal().detail;
  it.each([
    ["is not JSON", "{ oh", "not_json"],
    ["is JSON and no message", "[]", "unknown_event"],
    ["is of a type that nobody here hears", withdrawal({ "detail-type": "request.accepted.v1" }), "unknown_event"],
    ["comes from a source that may not send it", withdrawal({ source: "sluice.provisioner" }), "source_not_allowed"],
    ["comes from a partner that claims our type", withdrawal({ source: "partner.helpdesk" }), "source_not_allowed"],
    ["is replayed from the archive", withdrawal({ "replay-name": "tuesday" }), "replayed"],
    [
      "says more than is defined",
      withdrawal({ detail: { ...detail, data: { ...(detail.data as object), admin: true } } }),
      "invalid",
    ],
    ["says more beside its data", withdrawal({ detail: { ...detail, more: 1 } }), "invalid"],
    ["says less than is defined", withdrawal({ detail: { ...detail, data: {} } }), "invalid"],
    ["has no detail", withdrawal({ detail: undefined }), "invalid"],
    [
      "says a time from which no deadline can be counted",
      withdrawal({ detail: { ...detail, metadata: { ...detail.metadata, occurredAt: "9999-12-31T23:59:59Z" } } }),
      "invalid",
    ],
    ["is larger than any event of ours", withdrawal({ detail: { ...detail, pad: "€".repeat(6_000) } }), "too_big"],
    ["is an own message that is nested too deep", `{"message":"gate.due","gate":${lists(24)}}`, "too_deep"],
    ["is an own message with extra keys", { message: "gate.due", gate: "g", extra: 1 }, "invalid"],
  ])("parks a message at once, with its reason, that %s", async (_case, message, code) => {
    const { deliver, heard, parked } = heardBy();

    expect(await deliver(message)).toEqual([]);
    expect(heard).toEqual([]);
    expect(parked).toEqual([
      {
        body: typeof message === "string" ? message : JSON.stringify(message),
        code,
        reason: expect.stringMatching(/.{10}/),
        name: expect.stringMatching(/./),
      },
    ]);
  });

  it("parks what the work says will never work, under the work's own code", async () => {
    const { deliver, parked } = heardBy(async () => {
      throw new NonRetriableError("unknown_gate", "No such gate");
    });

    expect(await deliver(withdrawal())).toEqual([]);
    expect(parked).toMatchObject([{ code: "unknown_gate", reason: "No such gate", name: "withdrawal.submitted.v1" }]);
  });

  it("lets only the record come back whose work threw, and parks nothing", async () => {
    let calls = 0;
    const { deliver, parked } = heardBy(async () => {
      calls++;
      if (calls === 2) throw new Error("the table is away");
    });

    const back = await deliver(withdrawal(), withdrawal(), withdrawal());

    expect(back).toEqual(["message-1"]);
    expect(parked).toEqual([]);
  });

  it("answers, and does not throw, when every record's work threw", async () => {
    const { deliver } = heardBy(async () => {
      throw new Error("the table is away");
    });

    expect(await deliver(withdrawal())).toEqual(["message-0"]);
  });

  it("handles a duplicate again: whoever hears must be safe to repeat", async () => {
    const { deliver, heard } = heardBy();

    await deliver(withdrawal());
    await deliver(withdrawal());

    expect(heard).toHaveLength(2);
  });

  it("lets a message come back that could not be parked: it must not get lost", async () => {
    const { deliver } = queueOf([], async () => {
      throw new Error("the dead-letter queue is away");
    });

    expect(await deliver("{ oh")).toEqual(["message-0"]);
  });
});
