const CHARACTERS = new Intl.Segmenter("en");

/** A character as people count them may be of any length; of those that are read at all, hardly one has more. */
const MAX_CODE_POINTS = 4;

/** At most `maxCharacters` characters as people count them, and four code points for each; what was cut away is marked by a final "…". */
export function cut(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const kept: string[] = [];
  let codePoints = 0;
  for (const { segment } of CHARACTERS.segment(text.slice(0, maxCharacters * MAX_CODE_POINTS * 4))) {
    codePoints += [...segment].length;
    if (kept.length === maxCharacters || codePoints >= maxCharacters * MAX_CODE_POINTS)
      return `${kept.slice(0, maxCharacters - 1).join("")}…`;
    kept.push(segment);
  }
  return kept.join("");
}
