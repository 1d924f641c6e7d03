import { cut, inItsOrder, isBlank, oneLine, quotable } from "@sluice/text";
import { escapeMrkdwn, fitting } from "./escape.ts";

/** Characters that look the same and mean nothing to Slack. A character without width would not do: Slack formats beside it. */
const LOOKALIKE: Readonly<Record<string, string>> = { "*": "∗", _: "＿", "~": "∼", "`": "ˋ", ":": "∶" };
/** Marks that could begin or end a format, and the colons of an `:emoji:`. Inside a word (`snake_case`) Slack reads none. */
const MARKS = /(?<![\p{L}\p{N}])[*_~]|[*_~](?![\p{L}\p{N}])|`|:(?=[\w+'-]+:)|(?<=:[\w+'-]+):/gu;

/**
 * Words of others inside a sentence of ours: a name, what a tool is doing, a sentence that was made elsewhere. One line without format, at most
 * `maxCharacters` as people count them and twice as many UTF-16 units. What a person wrote freely is never shown so, but by {@link quoting}.
 */
export function inWords(text: string, maxCharacters: number): string {
  const line = oneLine(text);
  return fitting((n) => withoutFormat(cut(line, n)), maxCharacters, maxCharacters * 2);
}

/**
 * A line of ours, and below it what a person wrote: one line of theirs as Slack's quotation, so that nothing of it can pass for a line of ours. Ours comes
 * first, also where a notification shows both as one. At most `maxCharacters` of theirs and five times as many UTF-16 units. Our line alone when there is
 * nothing to be seen in what they wrote.
 */
export function quoting(ours: string, theirs: string | undefined, maxCharacters: number): string {
  if (theirs === undefined || isBlank(theirs)) return ours;
  const line = quotable(theirs);
  return `${ours}:\n${fitting((n) => `> ${withoutFormat(`“${cut(line, n)}”`)}`, maxCharacters, maxCharacters * 5)}`;
}

function withoutFormat(text: string): string {
  return escapeMrkdwn(inItsOrder(text.replace(MARKS, (mark) => LOOKALIKE[mark] ?? mark)));
}
