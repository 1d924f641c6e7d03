/**
 * What can hide in text: controls, marks that turn the direction, characters without width or without a meaning yet, separators of lines, private and half
 * characters. Shown as `\u202e`, so that the reader sees that something is there. An emoji keeps its selector and what joins it to the next one.
 */
const HIDDEN =
  /(?!(?<=\p{ExtPict})\ufe0f|(?<=[0-9#*])\ufe0f\u20e3|(?<=\p{ExtPict}[\ufe0f\p{EMod}]?)\u200d\p{ExtPict}|\p{ExtPict})[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{DI}]/gu;
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * What shows nothing and takes room, but for the space itself: what Unicode calls a space, and letters and symbols that are drawn empty (Braille's blank, a
 * musical one, an object that is not there, two hieroglyphs). Hangul's fillers are hidden characters as well.
 */
const BLANK = String.raw`\p{Zs}\t\u2800\u115f\u1160\u3164\uffa0\u180e\ufffc\u{1d159}\u{13441}\u{13442}`;
const ODD_BLANK = new RegExp(`(?! )[${BLANK}]`, "gu");
const BLANKS = new RegExp(`[${BLANK}]+`, "gu");
const NOTHING_TO_SEE = new RegExp(String.raw`^[${BLANK}\s\p{M}\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{DI}]*$`, "u");

/** No language needs more on one letter in a message; a hundred of them are drawn over the lines around it. */
const MAX_MARKS = 3;
const PILED_MARKS = new RegExp(String.raw`(?<=^|\P{M}\p{M}{${MAX_MARKS}})\p{M}+`, "gu");

/**
 * One line in which everything is visible: line breaks, blanks that are no space, characters without width or with a direction, and what combines with no
 * letter or with one that has three marks already are spelled out.
 */
export function visibleText(text: string): string {
  return text
    .replace(HIDDEN, spelled)
    .replace(ODD_BLANK, spelled)
    .replace(PILED_MARKS, (marks) => [...marks].map(spelled).join(""));
}

/** As {@link visibleText}, to be read and not compared: any run of blanks is one space, of line breaks "↵", of too many marks "…". */
export function oneLine(text: string): string {
  const lines = text.replace(/\r\n|[\n\v\f\r\x85\u2028\u2029]/g, "\n").replace(BLANKS, " ");
  return visibleText(
    lines
      .replace(/(?: ?\n)+ ?/g, "\n")
      .trim()
      .replaceAll("\n", " ↵ ")
      .replace(PILED_MARKS, "…"),
  );
}

/** Whether nobody would see anything in it: then it is no reason, however many characters it has. */
export function isBlank(text: string): boolean {
  return NOTHING_TO_SEE.test(text);
}

function spelled(character: string): string {
  return SHORT[character] ?? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
}
