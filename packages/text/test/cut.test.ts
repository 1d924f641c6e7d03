import { expect, it } from "vitest";
import { cut } from "../src/cut.ts";

it("says that it cut, and never cuts a character in half", () => {
  expect(cut("x".repeat(50), 10)).toBe(`${"x".repeat(9)}…`);
  expect(cut("👩‍🚀👩‍🚀👩‍🚀", 2)).toBe("👩‍🚀…");
  expect(cut("👩‍🚀👩‍🚀", 2)).toBe("👩‍🚀👩‍🚀");
  expect(cut(`${"x".repeat(15)}${"😀".repeat(9)}`, 16)).toBe(`${"x".repeat(15)}…`);
});

it("cuts what is one character to a reader and thousands to a machine", () => {
  for (const one of ["👩‍", "\u1100", "\u0915\u094d"]) expect(cut(one.repeat(5_000), 10)).toBe("…");
});
