/**
 * A tool's words for people: control and direction marks that could rewrite a terminal or a message are shown as what they are (`\x1b`), line ends become
 * spaces.
 *
 * @param characters how many are kept; a cut is marked
 */
export function plainWords(text: string, characters: number): string {
  const plain = text
    .replace(/\s+/g, " ")
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (mark) => {
      const code = mark.codePointAt(0) ?? 0;
      return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
    })
    .trim()
    .toWellFormed();
  return plain.length <= characters ? plain : `${plain.slice(0, characters - 1).toWellFormed()}…`;
}
