import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isBlank, oneLine, visibleText } from "../src/visible.ts";

const odd = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom(..."a \n\r\t\u202e\u200b\u2066\ufeff\u2003\u2800\u0301é👩", "\u200d", "\ufe0f"),
    maxLength: 40,
  }),
);
const HIDING = /(?!\p{ExtPict})[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{DI}]/u;
/** What keeps an emoji together is drawn as a part of it. */
const withoutJoiners = (text: string) =>
  text.replace(/(?<=[\p{ExtPict}\p{EMod}0-9#*])[\ufe0f\u200d]|(?<=\ufe0f)[\u200d\u20e3]/gu, "");

describe("text in which everything is visible", () => {
  it.each([
    ["line breaks", "a\nb\r\nc", "a\\nb\\r\\nc"],
    ["a mark that turns the direction", "abc\u202edef", "abc\\u202edef"],
    ["characters without width", "a\u200bb\u2060c\ufeffd", "a\\u200bb\\u2060c\\ufeffd"],
    ["marks of annotations and numbers", "a\ufff9b\u0600c", "a\\ufff9b\\u0600c"],
    ["half a character", "a\ud800b", "a\\ud800b"],
    ["blanks that are no space", "a\u2003b\u2800c\u3164d\u00a0e", "a\\u2003b\\u2800c\\u3164d\\u00a0e"],
    ["what Unicode has not given a meaning", "a\u0378b", "a\\u0378b"],
    ["tags and selectors", "a\u{e0041}b\ufe0fc", "a\\ue0041b\\ufe0fc"],
    ["more marks on a letter than three", `a${"\u0301".repeat(5)}b`, "a\u0301\u0301\u0301\\u0301\\u0301b"],
    ["a mark on nothing", "\u0338a", "\\u0338a"],
    ["an emoji of several", "👩‍🚀 1️⃣ ❤️", "👩‍🚀 1️⃣ ❤️"],
    ["a joiner where nothing is joined", "a\u200db 👩\u200d", "a\\u200db 👩\\u200d"],
  ])("shows %s", (_case, text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  it("hides nothing, whatever is given", () => {
    fc.assert(
      fc.property(odd, (text) => {
        for (const shown of [visibleText(text), oneLine(text)]) expect(withoutJoiners(shown)).not.toMatch(HIDING);
      }),
    );
  });
});

describe("one line to be read", () => {
  it.each([
    ["any run of blanks as one space", " a \t\u2003\u2800 b\u00a0", "a b"],
    ["line breaks of any kind as one arrow", "a\r\n \n\u2028b\x85", "a ↵ b"],
    ["too many marks as an ellipsis", `Z${"\u0321".repeat(9)}algo`, `Z${"\u0321".repeat(3)}…algo`],
    ["what hides as its number", "a\u200bb", "a\\u200bb"],
  ])("shows %s", (_case, text, shown) => {
    expect(oneLine(text)).toBe(shown);
  });

  it("shown once more stays as it is", () => {
    fc.assert(
      fc.property(odd, (text) => {
        expect(oneLine(oneLine(text))).toBe(oneLine(text));
      }),
    );
  });
});

describe("a text of which nothing can be seen", () => {
  it.each(["", " \n", "\u2800\u3164", "\u200b\u2060\u00ad", "\u{e0041}\u{e007f}", "\u0301\ufe0f", "\u{1d159}\ufffc"])(
    "is blank: %j",
    (text) => {
      expect(isBlank(text)).toBe(true);
      expect(isBlank(`${text}.`)).toBe(false);
    },
  );
});
