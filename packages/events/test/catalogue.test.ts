import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MAX_OUTPUTS_BYTES } from "@sluice/blueprints";
import {
  catalogue,
  cataloguePage,
  exampleSlip,
  jsonSchemas,
  MAX_DETAIL_BYTES,
  Metadata,
  stepKinds,
} from "@sluice/events";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");
const events = [...catalogue.values()];
const metadata = {
  id: `evt_${"0".repeat(32)}`,
  correlationId: "req_7k3m9qx2",
  occurredAt: "2026-11-23T12:00:00.000Z",
  actor: "service:intake",
};

describe("every event", () => {
  it.each(events.map((event) => [event.type, event] as const))(
    "%s has a valid example and takes nothing more",
    (_type, event) => {
      expect(event.detail.safeParse({ metadata, data: event.example }).success).toBe(true);
      expect(event.detail.safeParse({ metadata, data: { ...(event.example as object), more: 1 } }).success).toBe(false);
      expect(event.detail.safeParse({ metadata: { ...metadata, more: 1 }, data: event.example }).success).toBe(false);
      expect(event.detail.safeParse({ metadata, data: event.example, more: 1 }).success).toBe(false);
    },
  );

  it("is named <noun>.<past participle>.v<major> and says what is true", () => {
    const wrong = events.filter(({ type, says }) => !/^[a-z]+\.[a-z]+\.v[1-9]\d*$/.test(type) || !/\.$/.test(says));

    expect(wrong.map(({ type }) => type)).toEqual([]);
  });

  it("matches a pattern of its own and no replay", () => {
    for (const { type, sources, pattern } of events)
      expect(pattern).toEqual({ source: sources, "detail-type": [type], "replay-name": [{ exists: false }] });
  });

  it("is published as it was committed: run npm run generate and look at the difference", () => {
    const folder = join(root, "packages/events/generated");
    const committed = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]));

    expect([...committed.keys()].sort()).toEqual([...jsonSchemas().keys()].sort());
    for (const [file, text] of jsonSchemas()) expect(committed.get(file), file).toBe(text);
    expect(readFileSync(join(root, "docs/events.md"), "utf8")).toBe(cataloguePage());
  });
});

describe("sizes", () => {
  it.each(Object.values(stepKinds).filter((contract) => "example" in contract))(
    "the example output of a $kind keeps its promise",
    ({ example, maxOutputBytes }) => {
      expect(Buffer.byteLength(JSON.stringify(example))).toBeLessThanOrEqual(maxOutputBytes);
    },
  );

  it("fit together: all outputs, the largest itinerary and the envelope stay below what a door takes", () => {
    const outputs = Object.values(stepKinds).reduce((sum, { maxOutputBytes }) => sum + maxOutputBytes, 0);
    const rest = Buffer.byteLength(JSON.stringify({ metadata, data: { slip: exampleSlip } }));

    expect(outputs).toBeLessThanOrEqual(MAX_OUTPUTS_BYTES);
    expect(MAX_OUTPUTS_BYTES + rest).toBeLessThan(MAX_DETAIL_BYTES);
  });
});

describe("what is refused, by name", () => {
  const broken: [string, string, (example: Record<string, unknown>) => unknown][] = [
    ["decision.submitted.v1", "a verdict that is none", (data) => ({ ...data, verdict: "maybe" })],
    [
      "decision.submitted.v1",
      "a gate without its attempt",
      (data) => ({ ...data, gate: { request: "req_7k3m9qx2", step: "approve" } }),
    ],
    ["request.proposed.v1", "a parameter that is an object", (data) => ({ ...data, parameters: { name: { a: 1 } } })],
    [
      "request.proposed.v1",
      "a parameter of 10,000 characters",
      (data) => ({ ...data, parameters: { name: "x".repeat(10_000) } }),
    ],
    [
      "plan.requested.v1",
      "a slip with a step more than a slip holds",
      (data) => ({
        ...data,
        slip: {
          ...exampleSlip,
          itinerary: { ...exampleSlip.itinerary, steps: Array(13).fill(exampleSlip.itinerary.steps[0]) },
        },
      }),
    ],
    [
      "plan.completed.v1",
      "a digest that is none",
      (data) => ({ ...data, output: { ...(data.output as object), changeDigest: "abc" } }),
    ],
    ["approval.granted.v1", "a grant that is no JWS", (data) => ({ ...data, grant: "granted" })],
    ["apply.completed.v1", "an attempt of zero", (data) => ({ ...data, attempt: 0 })],
  ];

  it.each(broken)("%s with %s", (type, _case, change) => {
    const event = catalogue.get(type);

    expect(event?.data.safeParse(event.example).success).toBe(true);
    expect(event?.data.safeParse(change(event.example as Record<string, unknown>)).success).toBe(false);
  });

  it("an event without metadata, or with an id that was not made from its cause", () => {
    expect(Metadata.safeParse({ ...metadata, id: "evt_1" }).success).toBe(false);
    expect(Metadata.safeParse({ ...metadata, correlationId: "req_$(id)" }).success).toBe(false);
  });
});
