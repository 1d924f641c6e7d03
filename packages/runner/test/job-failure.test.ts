import { expect, it } from "vitest";
import { sentenceOf } from "../src/job-failure.ts";

it("keeps our own words whole when a tool says too much", () => {
  const sentence = sentenceOf("x".repeat(5_000), "Nothing was changed.");

  expect(sentence).toHaveLength(1_000);
  expect(sentence).toMatch(/x… Nothing was changed\.$/);
});

it("is one line", () => {
  expect(sentenceOf("one\n  two\t three", "Nothing was changed.")).toBe("one two three. Nothing was changed.");
});
