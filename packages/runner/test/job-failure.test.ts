import { expect, it } from "vitest";
import { sentenceOf } from "../src/job-failure.ts";
import { openText, words } from "../src/masking/words.ts";

it("keeps our own words whole when a tool says too much", () => {
  const sentence = sentenceOf(openText("x".repeat(5_000)), words`Nothing was changed.`);

  expect(sentence).toHaveLength(1_000);
  expect(sentence).toMatch(/x… Nothing was changed\.$/);
});

it("is one line", () => {
  expect(sentenceOf(words`one\n  two\t three`, words`Nothing was changed.`)).toBe(
    "one two three. Nothing was changed.",
  );
});
