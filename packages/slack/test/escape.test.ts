import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { code, codeBlock, escapeMrkdwn, link, mention, timeOfDay } from "../src/escape.ts";
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
    ["nothing", "  ", "(empty)"],
  ])("shows %s as it is, in code style", (_case, text, shown) => {
    expect(code(text, 100)).toBe(shown);
  });

  it("says that it cut, and counts only what is the text's", () => {
    expect(code("x".repeat(50), 10)).toBe(`\`${"x".repeat(9)}…\``);
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

describe("people and times", () => {
  it("mentions a user id and nothing that could address everybody", () => {
    expect(mention("U012AB3CD")).toBe("<@U012AB3CD>");
    for (const wrong of ["!channel", "ada", "U1> <!here", "S0123"])
      expect(() => mention(wrong)).toThrow("Not a Slack user id");
  });

  it("writes times so that each reader sees their own zone, with a fallback", () => {
    expect(timeOfDay(NOON)).toBe("<!date^1795435200^{time}|12:00 UTC>");
  });
});
