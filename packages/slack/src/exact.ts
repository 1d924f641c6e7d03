/**
 * Text from a person or a tool that is decided on: in code style like `code`, but so that two different texts never look the same, whole and never cut.
 * A backslash begins a spelling and is itself doubled, as in HCL and JSON; "ˋ" is a backtick, which Slack cannot write inside code; "␣" is a blank that would
 * not be seen. Nothing at all is "(empty)", without code style. Letters of two scripts that look alike stay what they are.
 */
export function exactCode(text: string): string {
  return text === "" ? "(empty)" : `\`${inLine(text)}\``;
}

/**
 * The same over several code blocks, each of at most so many units as Slack counts them. A line ends in "↵" and a line break: one that is there is told
 * from one that is not. There is at least one.
 */
export function exactBlocks(text: string, units: number): string[] {
  const blocks = [""];
  for (const piece of piecesOf(text, "block")) {
    const last = blocks.length - 1;
    const fits = (blocks[last] ?? "").length + piece.length + FENCES <= units;
    if (fits) blocks[last] += piece;
    else blocks.push(piece);
  }
  return blocks.map((block) => (block === "" ? "(empty)" : `\`\`\`\n${visibleEnds(block.replace(/\n$/, ""))}\n\`\`\``));
}

const FENCES = 12;

/** Nothing in it that has to be spelled: most of what plans hold. */
const PLAIN = /^(?! )(?:(?! {2})[\x20-\x7e](?<![\\`&<>]))*(?<! )$/;

function inLine(text: string): string {
  if (PLAIN.test(text)) return text;
  return visibleEnds(piecesOf(text, "line").join(""));
}

/** How a character is written that would be read as something else, here or by Slack. */
const WRITTEN: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\r": "\\r",
  "\t": "\\t",
  "`": "ˋ",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
};
/**
 * What hides (as in `visibleText`), blanks other than the usual one, and the characters that stand for others here; and what is written from right to left,
 * since it turns what stands beside it: an arrow between two values would point the other way.
 */
const SPELLED =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{DI}\p{Zl}\p{Zp}\u2800\ufffc\u{1d159}\u{13441}\u{13442}ˋ␣↵\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]|(?! )\p{Zs}/u;

/** Each character as it is shown: what one of them shows depends on those before it alone, so that a piece can be read by itself. */
function piecesOf(text: string, where: "line" | "block"): string[] {
  const lineBreak = where === "line" ? "\\n" : "↵\n";
  let joined = "";
  let before = "";
  return [...text].map((character) => {
    const written = character === "\n" ? lineBreak : WRITTEN[character];
    const isSpelled = written === undefined && (SPELLED.test(character) || melts(joined, character));
    joined = written || isSpelled ? "" : isMark(character) ? joined + character : character;
    const isUnseen = where === "line" && character === " " && before === " ";
    before = character;
    if (isUnseen) return "␣";
    return written ?? (isSpelled ? spelled(character) : character);
  });
}

/** Whether it would be drawn as one with what stands before it, as another text is drawn: "e" and an accent, or a letter that has two codes. */
function melts(joined: string, character: string): boolean {
  if (character < "\u0300") return false;
  if (joined === "" && isMark(character)) return true;
  return (joined + character).normalize("NFC") !== joined + character;
}

function isMark(character: string): boolean {
  return character >= "\u0300" && /\p{M}/u.test(character);
}

/** As in JSON, and beyond 16 bits as in JavaScript: how long it is must be seen. */
function spelled(character: string): string {
  const point = (character.codePointAt(0) ?? 0).toString(16);
  return point.length > 4 ? `\\u{${point}}` : `\\u${point.padStart(4, "0")}`;
}

function visibleEnds(shown: string): string {
  return shown.replace(/^ | $/g, "␣");
}
