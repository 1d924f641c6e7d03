import { NonRetriableError } from "@sluice/events";
import { describe, expect, it } from "vitest";
import { attemptOf, itineraryDigest, newSlip, stepAfter, stepOf, verifySlip, withOutput } from "../src/index.ts";
import { APPLY, APPROVE, itinerary, PLAN, step } from "./factories.ts";

const slip = newSlip(itinerary());
const accepted = itineraryDigest(itinerary());
const refused = (code: string) => expect.objectContaining({ name: "NonRetriableError", code });

describe("a slip", () => {
  it("is taken when its itinerary is the accepted one", () => {
    expect(() => verifySlip(slip, accepted)).not.toThrow();
  });

  it("is refused when its itinerary was changed, even if it carries the accepted digest", () => {
    const forged = { ...slip, itinerary: itinerary({ workspace: "probe-of-another" as never }) };

    expect(() => verifySlip(forged, accepted)).toThrow(refused("itinerary_changed"));
  });

  it("is refused when it carries another digest than its itinerary has", () => {
    const forged = { ...slip, digest: accepted.replace(/^./, accepted.startsWith("0") ? "1" : "0") as typeof accepted };

    expect(() => verifySlip(forged, accepted)).toThrow(NonRetriableError);
  });

  it("names a step only by its name and kind together", () => {
    expect(stepOf(slip, PLAN, "plan").config).toEqual({ root: "probe" });
    expect(() => stepOf(slip, PLAN, "apply")).toThrow(refused("unknown_step"));
    expect(() => stepOf(slip, step("other"), "plan")).toThrow(refused("unknown_step"));
  });

  it("knows what comes after a step, and that nothing comes after the last or an unknown one", () => {
    expect(stepAfter(slip, PLAN)?.name).toBe("approve");
    expect(stepAfter(slip, step("check"))).toBeUndefined();
    expect(stepAfter(slip, step("other"))).toBeUndefined();
  });

  it("forgets what was done after a step that is done anew", () => {
    const done = withOutput(withOutput(withOutput(slip, PLAN, 1, { n: 1 }), APPROVE, 1, {}), APPLY, 1, {});

    const anew = withOutput(done, PLAN, 2, { n: 2 });

    expect(anew.log).toEqual([{ step: "plan", attempt: 2, output: { n: 2 } }]);
    expect([attemptOf(done, APPLY), attemptOf(anew, APPLY), attemptOf(anew, PLAN)]).toEqual([1, 0, 2]);
  });
});
