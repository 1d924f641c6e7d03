import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactBlocks, exactCode } from "../src/exact.ts";

/** What is written one way and means another, or cannot be seen: alone, beside each other and at the ends. */
const unit = fc.oneof(
  fc.constantFrom(
    ..."ab \\`ˋ␣↵nt\n\r\t<>&;\"'*_~:\u0301\u0327e\u00e9\u00a0\u2003\u2800\u200b\u202e\u2028\ufe0f\u212b\u00c5\u1100\u1161\u11a8אب٣",
    "\\n",
    "\\u200b",
    "\\u{e0001}",
    "\u{e0001}",
    "\ue000",
    "&amp;",
    "(empty)",
    "☁️",
    "👩‍🚀",
  ),
  fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
);
const text = fc.array(unit, { maxLength: 12 }).map((units) => units.join(""));

const SHOWN = /\\u\{([0-9a-f]+)\}|\\u([0-9a-f]{4})|\\(.)|↵\n|↵$|&(amp|lt|gt);|[\s\S]/gu;
const MEANS: Readonly<Record<string, string>> = { ˋ: "`", "␣": " ", "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/** What a reader can read of it, by the rules that the docstring gives. */
function read(shown: string): string {
  return shown.normalize("NFC").replace(SHOWN, (one, long?: string, point?: string, short?: string) => {
    if (long ?? point) return String.fromCodePoint(Number.parseInt(long ?? point ?? "", 16));
    if (short) return { n: "\n", r: "\r", t: "\t" }[short] ?? short;
    return one.startsWith("↵") ? "\n" : (MEANS[one] ?? one);
  });
}

const inside = (shown: string) => (shown === "(empty)" ? "" : shown.replace(/^`(?:``\n)?|(?:\n``)?`$/g, ""));

describe("a text that is decided on", () => {
  it.each([
    ["as it is", 't3.micro, 10 GB: "a-b_c"', '`t3.micro, 10 GB: "a-b_c"`'],
    ["a line break beside what looks like one", "a\nb\\n", "`a\\nb\\\\n`"],
    ["a backtick beside what looks like one", "`ˋ", "`ˋ\\u02cb`"],
    ["blanks that would not be seen", " a  b ", "`␣a ␣b␣`"],
    ["other blanks", "a\u00a0b\u2003c", "`a\\u00a0b\\u2003c`"],
    ["no width", "a\u200bb", "`a\\u200bb`"],
    ["one character of two codes", "\u00e9e\u0301", "`ée\\u0301`"],
    ["the other way to write", "אב → ג", "`\\u05d0\\u05d1 → \\u05d2`"],
    ["how long a spelling is", "\ue0001\u{e0001}", "`\\ue0001\\u{e0001}`"],
    ["markup", "<!channel> & *b*", "`&lt;!channel&gt; &amp; *b*`"],
    ["nothing", "", "(empty)"],
    ["what looks like nothing", "(empty)", "`(empty)`"],
  ])("is shown so that it can be read: %s", (_, given, shown) => {
    expect(exactCode(given)).toBe(shown);
  });

  it("is read as it was, whatever it is: so two different ones never look the same", () => {
    fc.assert(
      fc.property(text, (given) => {
        const shown = exactCode(given);

        expect(read(inside(shown))).toBe(given);
        expect(inside(shown)).not.toMatch(/[`<>\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|^ | {2}| $|(?! )\p{Zs}/u);
      }),
      { numRuns: 500 },
    );
  });

  it("is whole over as many blocks as it needs, each within its limit", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30 }), fc.integer({ min: 30, max: 200 }), (parts, units) => {
        const given = parts.join("");

        const blocks = exactBlocks(given, units);

        for (const block of blocks) expect(block.length).toBeLessThanOrEqual(units);
        expect(blocks.map((block) => read(inside(block))).join("")).toBe(given);
      }),
      { numRuns: 300 },
    );
  });
});
