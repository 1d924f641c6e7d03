import fc from "fast-check";
import { expect, it } from "vitest";
import { quoted } from "../src/quoted.ts";

const QUOTATION_MARKS = /["“”„‟«»〝〞〟＂「」『』❝❞❠″‴‶‷⁗ʺ˝״〃🙶🙷🙸]|['’‘`´]{2}/u;

it("is a value in marks that nothing inside can close", () => {
  expect(quoted("x” is fine. “y", 40)).toBe("“x' is fine. 'y”");
});

it("leaves an apostrophe what it is", () => {
  expect(quoted("don’t use O'Neill's", 40)).toBe("“don’t use O'Neill's”");
});

it("is one line without a quotation mark in it and no longer than it may be, whatever is given", () => {
  const text = fc.string({ unit: fc.constantFrom(..."a'\"“”„«»‘’`´″〃「」\n\u2028 ", "🙶"), maxLength: 60 });
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 40 }), (given, most) => {
      const inside = quoted(given, most).slice(1, -1);

      expect(inside).not.toMatch(QUOTATION_MARKS);
      expect(inside).not.toMatch(/[\n\v\f\r\x85\u2028\u2029]/);
      expect([...new Intl.Segmenter("en").segment(inside)].length).toBeLessThanOrEqual(most);
    }),
  );
});
