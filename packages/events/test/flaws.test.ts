import { describe, expect, it } from "vitest";
import { catalogue, exampleSlip, flawOf, MAX_DEPTH, plan } from "../src/index.ts";

const parsed = (text: string): unknown => JSON.parse(text);
const lists = (levels: number) => parsed("[".repeat(levels) + "]".repeat(levels));
/** 1 for a text; each list or map around it is one more. */
const depthOf = (value: unknown): number =>
  typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 1;

describe("JSON from outside", () => {
  it.each([
    ["a text", '"x"'],
    ["an emoji", '"\\ud83d\\ude00"'],
    ["the least and the greatest number", "[1e-130, -9007199254740991, 0, -0]"],
    ["names that only look odd", '{"prototype": 1, "toString": null, "to_json": [], "a.b": {}}'],
  ])("has no flaw when it is %s", (_what, text) => {
    expect(flawOf(parsed(text))).toBeUndefined();
  });

  it.each([
    ["half a character", '["x", {"a": "\\ud800"}]', /lone surrogate/],
    ["half a character in a name", '{"\\udc00": 1}', /lone surrogate/],
    ["a number beyond any", "[1e400]", /number/],
    ["a number that loses digits", '{"a": 9007199254740993}', /number/],
    ["a number that no table keeps", '{"a": 1e-200}', /number/],
    ["a prototype", '{"a": {"__proto__": {}}}', /"__proto__"/],
    ["a constructor", '[{"constructor": {"name": "Set"}}]', /"constructor"/],
    ["a name of nothing", '{"": 1}', /""/],
  ])("is invalid when it holds %s", (_what, text, sentence) => {
    expect(flawOf(parsed(text))).toEqual({ code: "invalid", sentence: expect.stringMatching(sentence) });
  });

  it("may be nested 24 levels deep, and is never gone through deeper", () => {
    expect(flawOf(lists(MAX_DEPTH))).toBeUndefined();
    expect(flawOf(lists(MAX_DEPTH + 1))?.code).toBe("too_deep");
    expect(flawOf(lists(200_000))?.code).toBe("too_deep");
  });

  it("of our own is nested half as deep as it may be: an address of a risk of a plan in a slip", () => {
    const { output } = plan.completed.example;
    const risks = [{ code: "iam", count: 1, first: ["aws_iam_role.this"] }];
    const log = [{ step: "plan", attempt: 1, output: { ...output, summary: { ...output.summary, risks } } }];
    const deepest = plan.requested.data.parse({ ...plan.requested.example, slip: { ...exampleSlip, log } });
    const others = [...catalogue.values()].map(({ example }) => depthOf({ detail: { data: example } }));

    expect(depthOf({ detail: { data: deepest } })).toBe(12);
    expect(Math.max(...others)).toBeLessThanOrEqual(12);
    expect(MAX_DEPTH).toBe(2 * 12);
  });
});
