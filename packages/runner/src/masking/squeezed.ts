/**
 * A text without what tools add to it or change of it when they print it: white space, quotation marks, `+`, control characters and backslashes are dropped, escapes
 * are read. A secret and a text that holds it then agree, whether a tool collapsed or wrapped lines, escaped for JSON, HCL, Go, Python or a shell, once or many times,
 * or percent-encoded as many characters as it liked.
 */
export function squeeze(text: string): string {
  return isTouched(text)
    ? inSteps(
        text,
        (now) => now,
        (now, pattern, read) =>
          now.replace(pattern, (...match) =>
            read(match)
              .map((part) => part.text)
              .join(""),
          ),
      )
    : text;
}

/** The same, with where in the original each character begins and ends. */
export function squeezeWithPlaces(text: string): Placed {
  return inSteps(placed(text), (now) => now.text, rewritten);
}

/** Whether squeezing takes anything out of a text: out of most values nothing. */
export function isTouched(text: string): boolean {
  return TOUCHED.test(text);
}

function inSteps<T>(original: T, textOf: (now: T) => string, rewrite: (now: T, pattern: RegExp, read: Reader) => T): T {
  let now = original;
  // A percent sign is percent-encoded itself, so this is done until nothing is left to read: of a secret with `%41` in it as of one where it became `%2541`.
  for (let times = 0; times < MAX_TIMES && /%[0-9a-fA-F]{2}/.test(textOf(now)); times += 1)
    now = rewrite(now, PERCENTS, ofPercents);
  return rewrite(rewrite(now, ESCAPE, ofEscape), DROPPED, () => []);
}

const MAX_TIMES = 4;
const TOUCHED = /[\s\p{Cc}%$\\+'"]/u;
const PERCENTS = /(?:%[0-9a-fA-F]{2})+/g;
/** Of JSON, HCL, Go and Python. How many backslashes stand before it says how often it was escaped. HCL doubles what would begin a template. */
const ESCAPE =
  /\\+(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|[abfnrtv])|([$%])\5+(?=\{)/g;
const DROPPED = /[\s\p{Cc}\\+'"]+/gu;

/** A text with the place in the original of each of its UTF-16 units. */
export type Placed = Readonly<{ text: string; starts: readonly number[]; ends: readonly number[] }>;
/** What a part of a match stands for. */
type Read = Readonly<{ text: string; from: number; to: number }>;
type Reader = (match: readonly (string | undefined)[]) => readonly Read[];

function placed(text: string): Placed {
  const starts = Array.from({ length: text.length }, (_, index) => index);
  return { text, starts, ends: starts.map((index) => index + 1) };
}

function rewritten({ text, starts, ends }: Placed, pattern: RegExp, read: Reader): Placed {
  const out = { text: "", starts: [] as number[], ends: [] as number[] };
  const add = (unit: string, from: number, to: number) => {
    out.text += unit;
    out.starts.push(starts[from] ?? 0);
    out.ends.push(ends[to - 1] ?? 0);
  };
  let done = 0;
  const keep = (until: number) => {
    for (; done < until; done += 1) add(text.charAt(done), done, done + 1);
  };
  for (const match of text.matchAll(pattern)) {
    keep(match.index);
    for (const part of read(match))
      for (const unit of part.text.split("")) add(unit, match.index + part.from, match.index + part.to);
    done = match.index + match[0].length;
  }
  keep(text.length);
  return out;
}

/** Characters of UTF-8, each with the place of its own bytes. */
function ofPercents([run = ""]: Parameters<Reader>[0]): Read[] {
  const bytes = Buffer.from(run.replaceAll("%", ""), "hex");
  const read: Read[] = [];
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] ?? 0;
    const next = Math.min(bytes.length, at + (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1));
    read.push({ text: bytes.toString("utf8", at, next), from: at * 3, to: next * 3 });
    at = next;
  }
  return read;
}

function ofEscape([all = "", braced, unit, long, byte, doubled]: Parameters<Reader>[0]): Read[] {
  const hex = braced ?? unit ?? long ?? byte;
  const code = Number.parseInt(hex ?? "0", 16);
  // Half a character is read as what it is: the next escape has its other half.
  const text = doubled ?? (hex === undefined ? "" : code > 0xff_ff ? astral(code) : String.fromCharCode(code));
  return text ? [{ text, from: 0, to: all.length }] : [];
}

function astral(code: number): string {
  return code <= 0x10_ff_ff ? String.fromCodePoint(code) : "";
}
