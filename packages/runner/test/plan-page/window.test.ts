import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aroundDifference, windowsAround } from "../../src/plan-page/window.ts";

describe("two texts around their first difference", () => {
  it.each([
    ["short ones, whole", "a", "ab", "a", "ab"],
    [
      "one that differs late",
      `${"x".repeat(40)}1`,
      `${"x".repeat(40)}2`,
      "…xxxx1 (41 characters)",
      "…xxxx2 (41 characters)",
    ],
    ["one that goes on", "x".repeat(40), `${"x".repeat(40)}y`, "…xxxx (40 characters)", "…xxxxy (41 characters)"],
    ["one that differs early", `a${"x".repeat(40)}`, "b", "axxxxxxxxxxx… (41 characters)", "b"],
  ])("shows %s", (_, one, other, first, second) => {
    expect(aroundDifference(one, other, 12)).toEqual([first, second]);
  });

  it("never look the same when they are not", () => {
    const text = fc
      .tuple(
        fc.constantFrom("", "x".repeat(30)),
        fc.string({ unit: fc.constantFrom("x", "…", "👩", " (3 characters)") }),
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, text, fc.integer({ min: 3, max: 20 }), (one, other, most) => {
        fc.pre(one !== other);

        const [first, second] = aroundDifference(one, other, most);

        expect(first).not.toBe(second);
        for (const { kept, from, of } of windowsAround(one, other, most)) {
          expect([...kept].length).toBeLessThanOrEqual(most);
          expect(from + [...kept].length).toBeLessThanOrEqual(of);
        }
      }),
      { numRuns: 500 },
    );
  });
});
