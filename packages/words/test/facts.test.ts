import { type AnyEvent, ApprovalOpened, catalogue, type EventDefinition, plan, readEvent } from "@sluice/events";
import { describe, expect, it } from "vitest";
import { dataOf, factOf, isAsked, stepInKey, storedFact } from "../src/facts/index.ts";

const REQUEST = "req_7k3m9qx2";

function exampleOf({ type, sources, example }: EventDefinition): AnyEvent {
  const metadata = {
    id: `evt_${"0".repeat(32)}`,
    correlationId: REQUEST,
    causationId: `evt_${"1".repeat(32)}`,
    occurredAt: "2026-11-23T12:00:00.000Z",
    actor: "service:intake",
  };
  return readEvent({ type, source: sources[0], metadata, data: example });
}

const everything = [...catalogue.values()].map((definition) => [definition.type, exampleOf(definition)] as const);

describe("a fact", () => {
  it.each(everything)("of %s is the event as it came, and is the same once it was stored", (type, event) => {
    const fact = factOf(event);

    expect(fact).toMatchObject({ request: REQUEST, type, data: event.data, at: Date.UTC(2026, 10, 23, 12) });
    expect(storedFact(JSON.parse(JSON.stringify(fact)))).toEqual(fact);
  });

  it("of a step says which one, its attempt and what of it", () => {
    const keys = everything.flatMap(([, event]) => stepInKey(factOf(event).key) ?? []);

    expect(new Set(keys.map(({ phase }) => phase.split("#")[0]))).toEqual(
      new Set(["asked", "ended", "waits", "progress", "opened", "decision", "blocked", "paused", "stalled"]),
    );
    expect(keys.every(({ attempt }) => attempt === 1)).toBe(true);
  });

  it("has the data of the event that told it, and of no other one", () => {
    const opened = factOf(exampleOf(ApprovalOpened as unknown as EventDefinition));

    expect(dataOf(ApprovalOpened, opened)?.needed).toBe(1);
    expect(dataOf(plan.completed, opened)).toBeUndefined();
    expect(isAsked(opened)).toBe(false);
  });

  it.each([
    ["of a type that nobody defines", { type: "plan.dreamed.v1" }, "unreadable_fact"],
    ["whose data is not as its event is defined", { data: { request: "web-7" } }, "unreadable_fact"],
    ["of no request", { request: "web-7" }, "unreadable_fact"],
    ["at no time", { at: "yesterday" }, "unreadable_fact"],
  ])("that was stored %s is refused", (_, change, code) => {
    const [, event] = everything[0] ?? [];
    if (!event) throw new Error("The catalogue is empty");

    expect(() => storedFact({ ...factOf(event), ...change })).toThrow(expect.objectContaining({ code }));
  });
});
