/** All of them, as a sentence lists them: "small, medium or large". Nothing at all is empty. */
export function enumerated(words: readonly string[], joiner: "and" | "or"): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${joiner} ${words.at(-1)}`;
}

/** The first of `count` things, then how many more there are: "a, b and 14 more". */
export function listOf(first: readonly string[], count: number): string {
  const left = count - first.length;
  return left > 0 ? `${first.join(", ")} and ${left} more` : first.join(", ");
}
