import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestOf, itineraryDigest, sha256Of } from "../src/index.ts";
import { itinerary } from "./factories.ts";

/** The same value with the keys of every object the other way round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, each]) => [key, turned(each)]),
  );
}

describe("a digest", () => {
  it("is the SHA-256 of the RFC 8785 form", () => {
    const example = { numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 1e-27], string: '€$\u000f\nA\'B"\\\\"/', b: null };

    expect(digestOf(example)).toBe(
      sha256Of(
        '{"b":null,"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
      ),
    );
  });

  it("does not depend on the order of keys, at any depth", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(digestOf(turned(value))).toBe(digestOf(value));
      }),
    );
  });

  it("is the same for equal values alone", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 1 }), fc.jsonValue({ maxDepth: 1 }), (one, other) => {
        expect(digestOf(one) === digestOf(other)).toBe(isDeepStrictEqual(one, other));
      }),
    );
  });

  it("of an itinerary changes with every part of it", () => {
    const digest = itineraryDigest(itinerary());

    for (const change of [
      { environment: itinerary({ environment: "sandbox" as never }).environment },
      { steps: itinerary().steps.slice(1) },
      { parameters: { name: "smoke", seconds: [0, 0, 1] } },
    ])
      expect(itineraryDigest(itinerary(change))).not.toBe(digest);
  });
});
