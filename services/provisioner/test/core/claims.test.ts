import { type StepName, stepKinds } from "@sluice/events";
import { JobKind, newRequestItem, type RequestItem } from "@sluice/jobs";
import { describe, expect, test } from "vitest";
import { claim } from "../../src/core/claims.ts";
import { idOf } from "../factories.ts";

const STEP = "it" as StepName;
const PLAN = "plan" as StepName;
const newest = (attempt: number): RequestItem => ({
  ...newRequestItem({ request: "req_7k3m9qx2", environment: "staging", workspace: "w" } as never),
  digest: "d" as never,
  attempts: { [PLAN]: attempt },
});
const wanted = (kind: JobKind, attempt: number) => ({
  step: STEP,
  attempt,
  cause: idOf(`${kind} ${attempt}`),
  job: { kind, ...(kind === "apply" && { plan: { step: PLAN, attempt } }) },
});

/** The second attempt of a step, while nobody has ended the first. */
function second(kind: JobKind) {
  const first = claim(newest(1), wanted(kind, 1), new Map(), 0);
  if (typeof first === "string") throw new Error(first);
  return claim({ ...first, attempts: { ...first.attempts, [PLAN]: 2 } }, wanted(kind, 2), new Map(), 0);
}

describe("a second job of a kind beside one that has no end", () => {
  test.each(JobKind.options.filter((kind) => kind !== "plan" && kind !== "apply"))(
    "%s: is made only where its contract says that it changes nothing",
    (kind) => {
      expect(second(kind) === "late").toBe(stepKinds[kind].changes);
    },
  );

  test("of an apply is made for the newer plan: the older one can begin nothing any more", () => {
    expect(second("apply")).toMatchObject({ jobs: { "it#2": { plan: { attempt: 2 } } } });
  });
});
