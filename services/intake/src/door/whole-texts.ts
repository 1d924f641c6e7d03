import { type Window, windowsAround } from "@sluice/runner";
import { exactBlocks, exactCode } from "@sluice/slack";
import type { Entry } from "./pages.ts";

/** Of one section, beside the head that is repeated. */
const BLOCK_UNITS = 2_000;

/** Texts of a window that may be too long for where they stand. */
export type WholeTexts = Readonly<{
  /** The text itself where it fits in so many units, else both its ends and the number under which the whole stands. `of` says what it is, as a head may say it. */
  shown(text: string, units: number, of?: string): string;
  /** Two texts, whole where both fit; else the part of each around their first difference. */
  shownPair(
    one: string,
    other: string,
    units: Readonly<{ whole: number; window: number }>,
    of?: string,
  ): readonly [string, string];
  /** What was too long, whole, by its number. */
  entries(): readonly Entry[];
}>;

/**
 * Collects what is too long for its place. Two texts never look the same: one that is cut is followed by its number, equal texts have one number, and under it is
 * the whole.
 *
 * @param sign stands before each number, so that two collections of one window have no number in common
 */
export function wholeTexts(sign: "" | "S"): WholeTexts {
  const known = new Map<string, Readonly<{ number: string; of: string }>>();
  const numberOf = (text: string, of: string) => {
    const there = known.get(text) ?? { number: `${sign}${known.size + 1}`, of };
    known.set(text, there);
    return there.number;
  };
  const fits = (text: string, units: number) => text.length <= units && exactCode(text).length <= units;
  const cut = (text: string, window: string, of: string) =>
    `${window} _(${lengthOf(text)}, whole text ${numberOf(text, of)})_`;
  return {
    shown: (text, units, of = "") => (fits(text, units) ? exactCode(text) : cut(text, endsOf(text, units), of)),
    shownPair(one, other, { whole, window }, of = "") {
      if (fits(one, whole) && fits(other, whole)) return [exactCode(one), exactCode(other)];
      const [first, second] = windowsWithin(one, other, window);
      const side = (text: string, part: Window) =>
        part.kept === text ? exactCode(text) : cut(text, windowCode(part), of);
      return [side(one, first), side(other, second)];
    },
    entries: () =>
      [...known].map(([text, { number, of }]) => ({
        head: `*Whole text ${number}*${of ? `, ${of}` : ""}`,
        lines: exactBlocks(text, BLOCK_UNITS),
        kinds: ["whole"],
      })),
  };
}

function lengthOf(text: string): string {
  return `${[...text].length.toLocaleString("en")} characters`;
}

/** Both ends of an address tell more than its middle, and the later more than the earlier. */
function endsOf(text: string, units: number): string {
  const characters = [...text];
  for (let kept = Math.min(units, characters.length - 1); ; kept = Math.floor(kept * 0.8)) {
    const [head, tail] = [Math.floor(kept / 3), Math.ceil((kept * 2) / 3)];
    const shown = `${exactCode(characters.slice(0, head).join(""))}…${exactCode(characters.slice(-tail).join(""))}`;
    if (shown.length <= units || kept <= 4) return shown;
  }
}

function windowsWithin(one: string, other: string, units: number): readonly [Window, Window] {
  for (let most = units; ; most = Math.floor(most * 0.8)) {
    const windows = windowsAround(one, other, most);
    const isShort = windows.every((window) => windowCode(window).length <= units);
    if (isShort || most <= 3) return windows;
  }
}

function windowCode({ kept, from, of }: Window): string {
  const rest = of - from - [...kept].length;
  return `${from > 0 ? "…" : ""}${exactCode(kept)}${rest > 0 ? "…" : ""}`;
}
