import { cutTo, inOneLine, rewritten, type Words } from "../masking/words.ts";

/**
 * A tool's words for people: control and direction marks that could rewrite a terminal or a message are shown as what they are (`\x1b`), line ends become
 * spaces.
 *
 * @param characters how many are kept; a cut is marked
 */
export function plainWords(text: Words, characters: number): Words {
  const plain = rewritten(inOneLine(text), (line) => line.replace(MARKS, asCode).trim().toWellFormed());
  return cutTo(plain, characters);
}

const MARKS = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

function asCode(mark: string): string {
  const code = mark.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}
