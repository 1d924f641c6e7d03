import { expect, it } from "vitest";
import { durationInWords } from "../src/duration.ts";

it.each([
  [400, "under 1 s"],
  [41_000, "41 s"],
  [59_999, "59 s"],
  [63_000, "1 min 3 s"],
  [180_000, "3 min"],
  [43 * 60_000 + 9_000, "43 min"],
  [3_900_000, "1 h 5 min"],
  [14_400_000, "4 h"],
  [7 * 86_400_000, "7 days"],
])("says %i ms as %s", (milliseconds, words) => {
  expect(durationInWords(milliseconds)).toBe(words);
});
