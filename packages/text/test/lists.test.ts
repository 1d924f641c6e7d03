import { expect, it } from "vitest";
import { enumerated, listOf } from "../src/lists.ts";

it("lists the first of many and says how many are left", () => {
  expect(listOf(["a", "b"], 100_000)).toBe("a, b and 99998 more");
  expect(listOf(["a", "b"], 2)).toBe("a, b");
});

it("lists all as a sentence does", () => {
  expect(enumerated(["small", "medium", "large"], "or")).toBe("small, medium or large");
  expect(enumerated(["a", "b"], "and")).toBe("a and b");
  expect(enumerated(["a"], "and")).toBe("a");
  expect(enumerated([], "and")).toBe("");
});
