/** Letters that are written from right to left, in blocks of Unicode that hold nothing else. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Text of others keeps to itself: without the two marks, Hebrew on both sides of our arrow would be read as if after came before. */
export function inItsOrder(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text;
}
