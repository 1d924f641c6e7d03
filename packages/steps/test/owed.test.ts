import { plan } from "@sluice/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { causedBy, newSlip, owe, owedAfterStep, owedNext, withOutput } from "../src/index.ts";
import { APPROVE, cause, eventNumber, itinerary, PLAN, REQUEST, step } from "./factories.ts";

const slip = newSlip(itinerary());
const output = plan.completed.example.output as never;
const failed = { request: REQUEST, step: PLAN, attempt: 1, code: "x_y", sentence: "No.", repeatable: true, seconds: 1 };

describe("an owed event", () => {
  it("has the same id whenever it is derived from the same cause, whatever else it says", () => {
    const once = owe(plan.failed, REQUEST, failed, cause());
    const again = owe(plan.failed, REQUEST, { ...failed, seconds: 99 }, { ...cause(), actor: "person_ada" });

    expect(again.id).toBe(once.id);
  });

  it("has another id when request, step, attempt, type or cause differ", () => {
    const one = fc.record({
      step: fc.constantFrom("plan", "apply"),
      attempt: fc.integer({ min: 1, max: 12 }),
      cause: fc.constantFrom(1, 2, 11),
    });
    const idOf = (parts: { step: string; attempt: number; cause: number }) =>
      owe(plan.failed, REQUEST, { ...failed, step: step(parts.step), attempt: parts.attempt }, cause(parts.cause)).id;

    fc.assert(
      fc.property(one, one, (a, b) => {
        expect(idOf(a) === idOf(b)).toBe(a.step === b.step && a.attempt === b.attempt && a.cause === b.cause);
      }),
    );
  });

  it("names the event that caused it, and the service that acts", () => {
    expect(causedBy({ id: eventNumber(3), actor: "person_ada" }, "provisioner")).toEqual({
      cause: eventNumber(3),
      causationId: eventNumber(3),
      actor: "service:provisioner",
    });
  });
});

describe("an ended attempt", () => {
  it("owes its outcome and the next step's request, which carries its output", () => {
    const owed = owedAfterStep(slip, "plan", PLAN, 1, { ended: "completed", output, seconds: 41 }, cause());

    expect(owed.map(({ type }) => type)).toEqual(["plan.completed.v1", "approval.requested.v1"]);
    expect(owed[0]?.data).toEqual({ request: REQUEST, step: "plan", attempt: 1, output, seconds: 41 });
    expect(owed[1]?.data).toMatchObject({
      step: "approve",
      attempt: 1,
      slip: { log: [{ step: "plan", attempt: 1, output }] },
    });
  });

  it("owes nothing further when it was the last step", () => {
    const owed = owedAfterStep(slip, "scan", step("check"), 1, { ended: "completed", output: {}, seconds: 1 }, cause());

    expect(owed.map(({ type }) => type)).toEqual(["scan.completed.v1"]);
  });

  it("owes its failure and no next step when it failed", () => {
    const { request: _r, step: _s, attempt: _a, ...how } = failed;

    const owed = owedAfterStep(slip, "plan", PLAN, 1, { ended: "failed", ...how }, cause());

    expect(owed.map(({ type, data }) => [type, data])).toEqual([["plan.failed.v1", failed]]);
  });

  it("opens the next gate when the plan is made again: its attempt is never one that was", () => {
    const once = withOutput(withOutput(slip, PLAN, 1, {}), APPROVE, 1, {});

    const attempts = [1, 2, 3].map((n) => owedNext(once, PLAN, n, {}, cause())?.data);

    expect(attempts).toMatchObject([{ attempt: 2 }, { attempt: 2 }, { attempt: 3 }]);
  });

  it("gives later steps at least its own attempt, so that they never carry the number of an older try", () => {
    const next = owedNext(slip, PLAN, 3, {}, cause());

    expect(next?.data).toMatchObject({ step: "approve", attempt: 3 });
  });
});
