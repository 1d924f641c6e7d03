import { defineStep, mayChange, pauseReasons, pausingFor, stepKinds, titleOf, whenFailed } from "@sluice/events";
import { describe, expect, it } from "vitest";
import * as z from "zod";

const contracts = Object.values(stepKinds);
const pausings = pauseReasons.map(pausingFor);
const parts = {
  kind: "sample",
  owner: "sluice.provisioner",
  askedBy: [],
  config: z.strictObject({}),
  output: z.strictObject({}),
  maxOutputBytes: 2,
  example: {},
  title: "Sample",
  changes: false,
} as const;
const pauses = {
  pauses: "sample_failed",
  verb: "Sample again",
  workspace: "freed",
  stands: "Nothing was changed.",
} as const;

describe("a step's contract", () => {
  it("does not compile while it does not say what failing means", () => {
    const { changes: _, ...silent } = parts;

    // @ts-expect-error: whether a failed step ends its request
    defineStep({ ...parts, repeats: "by itself" });
    // @ts-expect-error: whether it may change something
    defineStep({ ...silent, whenFailed: "ends", repeats: "by itself" });
    // @ts-expect-error: who repeats it
    defineStep({ ...parts, whenFailed: "ends" });
    // @ts-expect-error: nobody could repeat it once its request has ended
    defineStep({ ...parts, whenFailed: "ends", repeats: "by a person" });

    expect(defineStep({ ...parts, whenFailed: pauses, repeats: "by a person" }).whenFailed).toEqual(pauses);
  });

  it("calls each kind and each pause by a name of its own", () => {
    const verbs = pausings.map(({ verb, goesOnWith }) => `${verb} ${goesOnWith ?? ""}`);
    const named = [
      contracts.map(({ title }) => title),
      pauseReasons,
      [...new Set(verbs)].map((each) => each.split(" ")[0]),
    ];

    expect(named.map((names) => new Set(names).size)).toEqual(named.map(({ length }) => length));
  });

  it.each(pausings)("of a kind that pauses with $pauses says what stands and what is done again", (pausing) => {
    expect(pausing.stands).toMatch(/^[A-Z].*\.$/);
    if (pausing.goesOnWith) expect(Object.keys(stepKinds)).toContain(pausing.goesOnWith);
  });
});

it.each([
  ["apply_stopped", { pauses: "needs_replan", workspace: "kept" }],
  ["plan_changed", { pauses: "plan_changed", workspace: "freed", goesOnWith: "plan" }],
])("an apply that failed with %s waits for somebody", (code, means) => {
  expect(whenFailed("apply", code)).toMatchObject(means);
});

it.each(["plan_never_equal", "page_changed", "summary_changed"])(
  "an apply that failed with %s ends its request: no plan made again would help",
  (code) => {
    expect(whenFailed("apply", code)).toBe("ends");
  },
);

it("a code that is a property of every object means what any other does", () => {
  expect(whenFailed("apply", "toString")).toMatchObject({ pauses: "needs_replan" });
});

it("a kind that nobody here owns ends its request when it fails, may change something, and goes by its step's name", () => {
  expect([whenFailed("elsewhere", "any"), mayChange("elsewhere"), titleOf("elsewhere", "tidy")]).toEqual([
    "ends",
    true,
    "tidy",
  ]);
  expect([whenFailed("toString", "any"), mayChange("toString"), titleOf("toString", "tidy")]).toEqual([
    "ends",
    true,
    "tidy",
  ]);
});
