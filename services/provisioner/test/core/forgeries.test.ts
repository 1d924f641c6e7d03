import type { ItineraryStep } from "@sluice/events";
import { describe, expect, test } from "vitest";
import { applyStep } from "../../src/core/apply-step.ts";
import { planStep } from "../../src/core/plan-step.ts";
import { grantFor, type itineraryOf, planOutput, slipAfter, stepRequest, world } from "../factories.ts";
import { accepted, applied, applyRequest, planned, typesOf } from "./walk.ts";

/** A request whose plan is made, and the grant that its gate gave. */
async function approved() {
  const sluice = world();
  const itinerary = await accepted(sluice);
  const output = await planned(sluice, itinerary);
  const builds = sluice.builds.started.length;
  return { sluice, itinerary, output, builds };
}
const applyWith = (itinerary: ReturnType<typeof itineraryOf>, output: object, entry: object | undefined) =>
  stepRequest(
    slipAfter(itinerary, [["plan", 1, output], ...(entry ? ([["approve", 1, entry]] as const) : [])]),
    "apply",
    1,
    "forged",
  );

describe("a forged apply is parked with its reason, starts nothing, and the real one goes on", () => {
  test.each([
    ["without a grant", "grant_missing", {}],
    ["with something that is no grant", "grant_malformed", { grant: "a.b.c" }],
  ])("%s", async (_, code, entry) => {
    const { sluice, itinerary, output, builds } = await approved();

    await expect(applyStep(sluice.ports, applyWith(itinerary, output, entry))).rejects.toMatchObject({ code });

    expect(sluice.builds.started).toHaveLength(builds);
    await applied(sluice, itinerary, output);
    expect(typesOf(sluice)).toContain("apply.completed.v1");
  });

  test.each([
    ["of another request", { request: "req_another1" as never }, "grant_of_another_request"],
    ["for another environment", { environment: "production" as never }, "grant_of_another_itinerary"],
    ["for another workspace", { workspace: "probe-other" as never }, "grant_of_another_itinerary"],
    ["that says less of its plan", { plan: { step: "plan", attempt: 1 } as never }, "grant_malformed"],
    ["of another gate", { gate: { step: "other" as never, attempt: 1 } }, "grant_of_another_plan"],
  ])("a grant %s", async (_, change, code) => {
    const { sluice, itinerary, output, builds } = await approved();
    const grant = await grantFor(itinerary, output, { now: sluice.clock.now, change });

    await expect(applyStep(sluice.ports, applyWith(itinerary, output, { grant }))).rejects.toMatchObject({ code });

    expect(sluice.builds.started).toHaveLength(builds);
  });

  test("a grant for a plan that was never made", async () => {
    const { sluice, itinerary, output } = await approved();
    const grant = await grantFor(itinerary, output, { attempt: 7, now: sluice.clock.now });

    await expect(applyStep(sluice.ports, applyWith(itinerary, output, { grant }))).rejects.toMatchObject({
      code: "grant_of_another_plan",
    });
  });

  test("a grant for the same plan with other content", async () => {
    const { sluice, itinerary } = await approved();
    const grant = await grantFor(itinerary, planOutput(0, "other"), { now: sluice.clock.now });

    await expect(applyStep(sluice.ports, applyWith(itinerary, {}, { grant }))).rejects.toMatchObject({
      code: "grant_of_another_plan",
    });
  });

  test("another environment in the slip", async () => {
    const { sluice, itinerary, output, builds } = await approved();
    const event = await applyRequest(sluice, { ...itinerary, environment: "production" as never }, output);

    await expect(applyStep(sluice.ports, event)).rejects.toMatchObject({ code: "itinerary_changed" });

    expect(sluice.builds.started).toHaveLength(builds);
  });

  test("a spent grant under a new attempt", async () => {
    const { sluice, itinerary, output } = await approved();
    await applied(sluice, itinerary, output);
    const grant = await grantFor(itinerary, output, { now: sluice.clock.now });
    const slip = slipAfter(itinerary, [
      ["plan", 1, output],
      ["approve", 1, { grant }],
    ]);

    await expect(applyStep(sluice.ports, stepRequest(slip, "apply", 2))).rejects.toMatchObject({ code: "grant_spent" });
  });
});

test("a genuine grant that came too late ends the attempt without a build", async () => {
  const { sluice, itinerary, output, builds } = await approved();
  const event = await applyRequest(sluice, itinerary, output);
  sluice.clock.now += 61 * 60_000;
  sluice.published.length = 0;

  await applyStep(sluice.ports, event);
  await applyStep(sluice.ports, event);

  expect(sluice.published.map(({ type, data }) => [type, (data as { code: string }).code])).toEqual([
    ["apply.failed.v1", "grant_expired"],
    ["apply.failed.v1", "grant_expired"],
  ]);
  expect(new Set(sluice.published.map(({ id }) => id)).size).toBe(1);
  expect(sluice.builds.started).toHaveLength(builds);
});

test("a plan of a changed itinerary is parked", async () => {
  const sluice = world();
  const itinerary = await accepted(sluice);
  const steps: ItineraryStep[] = itinerary.steps.map((step) =>
    step.kind === "plan" ? { ...step, config: { root: "virtual_machine" } } : step,
  );

  await expect(planStep(sluice.ports, stepRequest(slipAfter({ ...itinerary, steps }), "plan"))).rejects.toMatchObject({
    code: "itinerary_changed",
  });
});
