import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkLimits, section } from "../src/index.ts";
import { inWords, quoting } from "../src/quotation.ts";

/** What Unicode knows as the end of a line. */
const LINE_BREAK = /\r\n|[\n\v\f\r\x85\u2028\u2029]/;
/** Spaces, and what is drawn empty. */
const BLANKS = "\\s\\p{Zs}\\u115f\\u1160\\u180e\\u2800\\u3164\\uffa0\\ufffc\\u{1d159}\\u{13441}\\u{13442}";
const QUOTATION_MARKS = /["“”„‟«»〝〞〟＂「」『』❝❞❠″‴‶‷⁗ʺ˝״〃🙶🙷🙸]|['’‘`´]{2}/u;

const pieces = [
  "*bold* _italic_ ~gone~ `code` ```block```",
  "> quoted\n>>> all of it",
  "<!channel> <@U1> <https://evil.example|here> :tada:",
  "\n✓ *Approved* by Carol at 14:09 · plan 9f3a61c2",
  "”\u2003✗ *Rejected* by Carol at 14:09: “",
  "\u2028– *Superseded.*\u2029\r\n\x85",
  "\u2800".repeat(80),
  `${" ".repeat(80)}✓ *Approved* by Carol at 14:09`,
  "a\u{1d159}\u{13441}\u{13442}\ufffcb",
  " \u3164\u115f\u1160\uffa0\u00ad\u200b\u2060\ufeff\u00a0\u3000",
  "\u202e\u2066\u2067\u2069\u061c",
  `Z${"\u0321\u033f\u0489".repeat(40)}`,
  "\u0338",
  "👩‍🚀👨‍👩‍👧‍👦🏳️‍🌈1️⃣",
  "\u{1f3f4}\u{e0067}\u{e0062}\u{e007f}\ufe0e\u{e0100}",
  "\ud83d",
  "\udc00",
  "\u0378\uffff\ue000",
  "שלום العربية",
  "\u1100".repeat(300),
  "W".repeat(600),
  "&\u0321\u033f\u0489".repeat(500),
  "''",
  "“„”«»\"'`",
];
const anything = fc
  .array(
    fc.oneof(
      fc.constantFrom(...pieces),
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.string({ unit: fc.constantFrom(...pieces.join("").split("")), maxLength: 12 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(""));
const most = fc.integer({ min: 3, max: 500 });

/** What is between the marks that are ours, as a reader sees it. */
function inside(shown: string): string {
  const [ours, theirs = "", ...more] = shown.split(LINE_BREAK);
  expect([ours, more]).toEqual(["Carol wrote:", []]);
  const [, words = ""] = /^> \u2068?“(.+)”\u2069?$/u.exec(theirs) ?? [];
  expect(words).not.toBe("");
  expect(words.replace(/&(amp|lt|gt);/g, "")).not.toMatch(/[<>&]/);
  return words.replace(/&(amp|lt|gt);/g, (_, name: string) => ({ amp: "&", lt: "<", gt: ">" })[name] ?? "");
}

/** Holds for whatever a person wrote of which anything can be seen. */
function always(holds: (words: string, shown: string, most: number, text: string) => void): void {
  fc.assert(
    fc.property(anything, most, (text, characters) => {
      const shown = quoting("Carol wrote", text, characters);
      fc.pre(shown !== "Carol wrote");
      holds(inside(shown), shown, characters, text);
    }),
    { numRuns: 500 },
  );
}

describe("what a person wrote, whatever it is", () => {
  it("is one line in quotation marks below one line of ours, and nothing in it can close them", () => {
    always((words) => expect(words).not.toMatch(QUOTATION_MARKS));
  });

  it("has no format, link, mention or emoji of Slack's", () => {
    always((words) => {
      expect(words).not.toMatch(/`|(?<![\p{L}\p{N}])[*_~]|[*_~](?![\p{L}\p{N}])|:[\w+'-]+:/u);
    });
  });

  it("has single spaces and no other blank, so that nothing in it begins where a line begins", () => {
    always((words) => {
      expect(words.replaceAll(" ", "")).not.toMatch(new RegExp(`[${BLANKS}]`, "u"));
      expect(words).not.toMatch(/ {2}|^ | $/);
    });
  });

  it("hides nothing: no control, no direction, no tag, no character without width", () => {
    always((words) => {
      const joined = /(?<=[\p{ExtPict}\p{EMod}0-9#*])[\ufe0f\u200d]|(?<=\ufe0f)\u200d/gu;
      expect(words.replace(joined, "")).not.toMatch(
        /(?!\p{ExtPict})[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{DI}]/u,
      );
    });
  });

  it("has at most three marks on a letter, and none on a mark of ours", () => {
    always((words) => expect(words).not.toMatch(/\p{M}{4}|^\p{M}/u));
  });

  it("is bounded in characters, in code points, in UTF-16 units and in bytes", () => {
    always((words, shown, characters) => {
      expect([...new Intl.Segmenter("en").segment(words)].length).toBeLessThanOrEqual(characters);
      expect([...words].length).toBeLessThanOrEqual(characters * 4);
      expect(shown.length).toBeLessThanOrEqual(characters * 5 + "Carol wrote:\n".length);
      expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(characters * 15 + "Carol wrote:\n".length);
      expect(checkLimits({ text: shown, blocks: [section(shown)] })).toEqual([]);
    });
  });

  it("is well formed, and shown once more stays as it is", () => {
    always((words, shown, characters) => {
      expect(shown.isWellFormed()).toBe(true);
      expect(quoting("Carol wrote", words, characters)).toBe(shown);
    });
  });

  it("leaves our line alone when there is nothing to see in it", () => {
    for (const nothing of [
      undefined,
      "",
      " \n",
      "\u2800\u3164",
      "\u200b\u2060\u00ad",
      "\u{e0041}\u{e007f}",
      "\u0301\ufe0f",
    ])
      expect(quoting("Carol wrote", nothing, 100)).toBe("Carol wrote");
  });
});

describe("what people mostly write", () => {
  it.each([
    ["load test for the June release", "load test for the June release"],
    [
      "don’t use O'Neill's vm_web_7 at 14:09, see https://x.test/?a=1",
      "don’t use O'Neill's vm_web_7 at 14:09, see https://x.test/?a=1",
    ],
    ['it said “no”, and "never"', "it said 'no', and 'never'"],
    ["two lines:\n\n - one\n - two\n", "two lines: ↵ - one ↵ - two"],
    ["*now* <@U1> _a_ ~b~ `c` :smile:", "∗now∗ <@U1> ＿a＿ ∼b∼ ˋcˋ ∶smile∶"],
    ["Thử nghiệm tải, ทดสอบที่นี่, परीक्षण, 負荷テスト", "Thử nghiệm tải, ทดสอบที่นี่, परीक्षण, 負荷テスト"],
    ["Thử nghiệm".normalize("NFD"), "Thử nghiệm".normalize("NFD")],
    [`Z${"\u0321".repeat(9)}algo`, `Z${"\u0321".repeat(3)}…algo`],
    ["👩‍🚀 ship it 🎉 👍🏽 ❤️ 1️⃣", "👩‍🚀 ship it 🎉 👍🏽 ❤️ 1️⃣"],
  ])("is read as it was written: %j", (text, words) => {
    expect(inside(quoting("Carol wrote", text, 300))).toBe(words);
  });

  it("keeps its direction to itself inside a sentence of ours", () => {
    expect(`asked by ${inWords("דנה", 60)} at 14:09`).toBe("asked by \u2068דנה\u2069 at 14:09");
  });
});
