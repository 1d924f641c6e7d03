import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseArguments } from "../src/slash-arguments.ts";

describe("what follows a slash command", () => {
  it("is words and named values, with quotes around spaces", () => {
    expect(parseArguments("virtual-machine web=1  size=small reason='x y' note=\"it's\"")).toEqual({
      ok: true,
      words: ["virtual-machine"],
      named: { web: "1", size: "small", reason: "x y", note: "it's" },
    });
  });

  it("takes the curly quotes that telephones make", () => {
    expect(parseArguments("reason=“load test”")).toMatchObject({ named: { reason: "load test" } });
  });

  it.each([
    ["reason='x y", "A quotation mark is open: close it with ' after the value."],
    ["reason='x'y", "Put a space after the closing '."],
    ["size=small size=large", "“size” is given twice."],
  ])("refuses %s with a sentence", (text, error) => {
    expect(parseArguments(text)).toEqual({ ok: false, error });
  });

  it("gives nothing in a value a meaning", () => {
    expect(parseArguments("name=$(id) x={{lookup('a','b')}} __proto__=1 y=a=b")).toMatchObject({
      words: ["__proto__=1"],
      named: { name: "$(id)", x: "{{lookup('a','b')}}", y: "a=b" },
    });
  });

  it("gives back every value that was put into quotes, and never throws", () => {
    fc.assert(
      fc.property(
        fc.string().filter((value) => !value.includes('"')),
        (value) => {
          expect(parseArguments(`reason="${value}"`)).toEqual({ ok: true, words: [], named: { reason: value } });
          expect(() => parseArguments(value)).not.toThrow();
        },
      ),
    );
  });
});
