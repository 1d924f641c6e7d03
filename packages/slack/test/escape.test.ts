import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  code,
  codeBlock,
  cut,
  durationInWords,
  escapeMrkdwn,
  link,
  listOf,
  mention,
  timeOfDay,
} from "../src/escape.ts";
import { inWords } from "../src/quotation.ts";

const NOON = Date.UTC(2026, 10, 23, 12);

describe("text of others in Slack", () => {
  it.each([
    ["a broadcast", "<!channel> now", "`&lt;!channel&gt; now`"],
    ["a mention without markup", "@here", "`@here`"],
    ["a link with another label", "<https://x.test|bank>", "`&lt;https://x.test|bank&gt;`"],
    ["a backtick that would end the code", "a` *b* `c", "`aˋ *b* ˋc`"],
    ["line breaks", "a\nb\r\nc", "`a\\nb\\r\\nc`"],
    ["a mark that turns the direction", "abc\u202edef", "`abc\\u202edef`"],
    ["characters without width", "a\u200bb\u2060c\ufeffd", "`a\\u200bb\\u2060c\\ufeffd`"],
    ["an entity, as it was typed", "&lt;", "`&amp;lt;`"],
    ["marks of annotations and numbers", "a\ufff9b\u0600c", "`a\\ufff9b\\u0600c`"],
    ["half a character", "a\ud800b", "`a\\ud800b`"],
    ["blanks that are no space", "a\u2003b\u2800c\u3164d\u00a0e", "`a\\u2003b\\u2800c\\u3164d\\u00a0e`"],
    ["what Unicode has not given a meaning", "a\u0378b", "`a\\u0378b`"],
    ["tags and selectors", "a\u{e0041}b\ufe0fc", "`a\\ue0041b\\ufe0fc`"],
    ["more marks on a letter than three", `a${"\u0301".repeat(5)}b`, "`a\u0301\u0301\u0301\\u0301\\u0301b`"],
    ["a mark on nothing", "\u0338a", "`\\u0338a`"],
    ["an emoji of several", "👩‍🚀 1️⃣ ❤️", "`👩‍🚀 1️⃣ ❤️`"],
    ["a joiner where nothing is joined", "a\u200db 👩\u200d", "`a\\u200db 👩\\u200d`"],
    ["nothing", "  ", "(empty)"],
  ])("shows %s as it is, in code style", (_case, text, shown) => {
    expect(code(text, 100)).toBe(shown);
  });

  it("says that it cut, and never cuts a character in half", () => {
    expect(code("x".repeat(50), 10)).toBe(`\`${"x".repeat(9)}…\``);
    expect(cut("👩‍🚀👩‍🚀👩‍🚀", 2)).toBe("👩‍🚀…");
    expect(cut("👩‍🚀👩‍🚀", 2)).toBe("👩‍🚀👩‍🚀");
    expect(cut(`${"x".repeat(15)}${"😀".repeat(9)}`, 16)).toBe(`${"x".repeat(15)}…`);
  });

  it("cuts what is one character to a reader and thousands to a machine", () => {
    for (const one of ["👩‍", "\u1100", "\u0915\u094d"]) expect(cut(one.repeat(5_000), 10)).toBe("…");
  });

  it("keeps Hebrew and Arabic to itself: before and after stay where they are", () => {
    expect(`${code("אב", 9)} → ${code("גד", 9)}`).toBe("`\u2068אב\u2069` → `\u2068גד\u2069`");
  });

  it("never lets markup, a line break or a hidden character through, whatever is given", () => {
    const nasty = fc.string({
      unit: fc.constantFrom(..."<>&`*_~:@!|#\n\r\t\u202e\u200b\u2066\ufeffaé👩 ", "<!here>", "<@U1>"),
      maxLength: 60,
    });
    fc.assert(
      fc.property(nasty, fc.integer({ min: 1, max: 40 }), (text, most) => {
        const shown = code(text, most);
        const inside = shown === "(empty)" ? "" : shown.slice(1, -1);
        expect(inside).not.toMatch(/[<>`\n\r\t\u202e\u200b\u2066\ufeff]/);
        expect(inside.replace(/&(amp|lt|gt);/g, "")).not.toContain("&");
        expect(inWords(text, most)).not.toMatch(/[<>\n\r\t\u202e\u200b\u2066\ufeff]/);
        expect(codeBlock(text, most).slice(3, -3)).not.toMatch(/[<>`\r\t\u202e]/);
        expect(escapeMrkdwn(text)).not.toMatch(/[<>]/);
      }),
    );
  });
});

describe("a link", () => {
  it("leads where it says, with words that stay words", () => {
    expect(link("https://a.example/x?y=1&z=2", "<b> & c")).toBe("<https://a.example/x?y=1&amp;z=2|&lt;b&gt; &amp; c>");
  });

  it.each(["javascript:alert(1)", "https://a.example/|x", "https://a.example/>", "https://a b", "!channel", ""])(
    "is refused to %j",
    (url) => {
      expect(() => link(url, "log")).toThrow("Not an address to link to");
    },
  );
});

describe("people, times and counts", () => {
  it("mentions a user id and nothing that could address everybody", () => {
    expect(mention("U012AB3CD")).toBe("<@U012AB3CD>");
    for (const wrong of ["!channel", "ada", "U1> <!here", "S0123"])
      expect(() => mention(wrong)).toThrow("Not a Slack user id");
  });

  it("writes times so that each reader sees their own zone, with a fallback", () => {
    expect(timeOfDay(NOON)).toBe("<!date^1795435200^{time}|12:00 UTC>");
  });

  it.each([
    [400, "under 1 s"],
    [41_000, "41 s"],
    [59_999, "59 s"],
    [63_000, "1 min 3 s"],
    [180_000, "3 min"],
    [43 * 60_000 + 9_000, "43 min"],
    [3_900_000, "1 h 5 min"],
    [14_400_000, "4 h"],
    [7 * 86_400_000, "7 days"],
  ])("says %i ms as %s", (milliseconds, words) => {
    expect(durationInWords(milliseconds)).toBe(words);
  });

  it("lists the first of many and says how many are left", () => {
    expect(listOf(["a", "b"], 100_000)).toBe("a, b and 99998 more");
    expect(listOf(["a", "b"], 2)).toBe("a, b");
  });
});
