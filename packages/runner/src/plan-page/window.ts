/** Part of a text: `from` is where it begins, in characters, and `of` how many characters the text has. */
export type Window = Readonly<{ kept: string; from: number; of: number }>;

/**
 * Two texts, each cut to a window of so many characters that holds the first one in which they differ: two different texts never look the same.
 * What was cut away is said by "…" and by how many characters there are.
 */
export function aroundDifference(one: string, other: string, most: number): [string, string] {
  const [first, second] = windowsAround(one, other, most);
  return [windowText(first), windowText(second)];
}

/** The same windows, for whoever says in another way what was cut away. */
export function windowsAround(one: string, other: string, most: number): [Window, Window] {
  const [first, second] = [[...one], [...other]];
  const fits = first.length <= most && second.length <= most;
  const from = fits ? 0 : Math.max(0, firstDifference(first, second) - Math.floor(most / 3));
  return [windowOf(first, from, most), windowOf(second, from, most)];
}

function firstDifference(one: readonly string[], other: readonly string[]): number {
  const at = one.findIndex((character, index) => character !== other[index]);
  return at < 0 ? one.length : at;
}

function windowOf(characters: readonly string[], from: number, most: number): Window {
  return { kept: characters.slice(from, from + most).join(""), from, of: characters.length };
}

function windowText({ kept, from, of }: Window): string {
  const rest = of - from - [...kept].length;
  if (from === 0 && rest === 0) return kept;
  return `${from > 0 ? "…" : ""}${kept}${rest > 0 ? "…" : ""} (${of} characters)`;
}
