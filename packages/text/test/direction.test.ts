import { expect, it } from "vitest";
import { inItsOrder } from "../src/direction.ts";

it("Hebrew and Arabic keep to themselves: before and after stay where they are", () => {
  expect(`${inItsOrder("אב")} → ${inItsOrder("גד")}`).toBe("\u2068אב\u2069 → \u2068גד\u2069");
  expect(inItsOrder("العربية")).toBe("\u2068العربية\u2069");
});

it("what turns nothing stays as it is", () => {
  expect(inItsOrder("web-7 → 负荷")).toBe("web-7 → 负荷");
});
