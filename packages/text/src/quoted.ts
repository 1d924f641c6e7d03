import { cut } from "./cut.ts";
import { oneLine } from "./visible.ts";

/** What reads as a quotation mark of any script, and what looks like one: primes, two commas. One alone may be an apostrophe. */
const SINGLE = "'‘’‚‛‹›＇`´ˊˋ′‵ʹʻʼʽˈ❛❜";
const QUOTATION_MARKS = new RegExp(
  String.raw`[${SINGLE}\p{QMark}\p{Pi}\p{Pf}″‴⁗‶‷ʺ˝ˮ˵˶״〃❝❞❠\u{1f676}-\u{1f678}]+`,
  "gu",
);

/** Words of others in quotation marks that nothing inside can close, at most `maxCharacters` of them. Text, and not yet safe as anybody's markup. */
export function quoted(text: string, maxCharacters: number): string {
  return `“${cut(quotable(text), maxCharacters)}”`;
}

/** As {@link oneLine}, with nothing in it that could end a quotation. For who cuts it to another measure than characters. */
export function quotable(text: string): string {
  return oneLine(text).replace(QUOTATION_MARKS, (found) =>
    found.length === 1 && SINGLE.includes(found) ? found : "'",
  );
}
