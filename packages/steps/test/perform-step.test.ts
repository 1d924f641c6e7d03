import { plan, RequestId } from "@sluice/events";
import { describe, expect, it } from "vitest";
import { itineraryDigest, newSlip, type Owed, performStep, type Step, type StepRequest } from "../src/index.ts";
import { eventNumber, itinerary, planRequested, REQUEST, step } from "./factories.ts";

const refused = (code: string) => expect.objectContaining({ name: "NonRetriableError", code });
const owed: Owed = { id: eventNumber(1), type: "plan.failed.v1", request: REQUEST, actor: "service:x", data: {} };

function owner(standing: { closed: boolean } | undefined = { closed: false }) {
  const seen = { early: [] as StepRequest[], published: [] as Owed[], worked: [] as Step<unknown>[] };
  const perform = (event: StepRequest) =>
    performStep(
      plan,
      {
        standing: async () => standing && { digest: itineraryDigest(itinerary()), ...standing },
        keepEarly: async (event) => void seen.early.push(event),
        publish: async (all) => void seen.published.push(...all),
      },
      event,
      async (asked) => {
        seen.worked.push(asked);
        return [owed];
      },
    );
  return { ...seen, perform };
}

describe("performing a step", () => {
  it("hands the work a checked step with its parsed configuration, and publishes what it owes", async () => {
    const { perform, worked, published } = owner();

    await perform(planRequested());

    expect(worked).toMatchObject([
      { request: REQUEST, name: "plan", attempt: 1, config: { root: "probe" }, cause: eventNumber(7) },
    ]);
    expect(published).toEqual([owed]);
  });

  it.each([
    [
      "with a forged itinerary",
      planRequested({ slip: { ...newSlip(itinerary()), itinerary: itinerary({ environment: "sandbox" as never }) } }),
      "itinerary_changed",
    ],
    ["that the itinerary does not have", planRequested({ step: step("other") }), "unknown_step"],
    ["of another kind", planRequested({ step: step("apply") }), "unknown_step"],
    ["of another request", planRequested({ request: RequestId.parse("req_00000000") }), "other_request"],
  ])("refuses a step %s and does no work", async (_case, event, code) => {
    const { perform, worked, published } = owner();

    await expect(perform(event)).rejects.toThrow(refused(code));
    expect([worked, published]).toEqual([[], []]);
  });

  it("refuses a configuration that is not one of its kind", async () => {
    const odd = itinerary({ steps: [{ name: step("plan"), kind: "plan", config: { root: "../../etc" } }] });
    const perform = performStep(
      plan,
      {
        standing: async () => ({ digest: itineraryDigest(odd), closed: false }),
        keepEarly: async () => undefined,
        publish: async () => undefined,
      },
      planRequested({ slip: newSlip(odd) }),
      async () => [owed],
    );

    await expect(perform).rejects.toThrow(refused("unknown_step"));
  });

  it("keeps a step that came before its acceptance and does not fail its message", async () => {
    const seen = { early: [] as StepRequest[], worked: 0 };

    await performStep(
      plan,
      {
        standing: async () => undefined,
        keepEarly: async (event) => void seen.early.push(event),
        publish: async () => undefined,
      },
      planRequested(),
      async () => {
        seen.worked++;
        return [];
      },
    );

    expect(seen).toEqual({ early: [planRequested()], worked: 0 });
  });

  it("performs a step whose acceptance came while it was being kept: nobody else would", async () => {
    const kept: StepRequest[] = [];
    const published: Owed[] = [];

    await performStep(
      plan,
      {
        standing: async () => (kept.length > 0 ? { digest: itineraryDigest(itinerary()), closed: false } : undefined),
        keepEarly: async (event) => void kept.push(event),
        publish: async (all) => void published.push(...all),
      },
      planRequested(),
      async () => [owed],
    );

    expect(published).toEqual([owed]);
  });

  it("owes nothing for a closed request", async () => {
    const { perform, worked, published } = owner({ closed: true });

    await perform(planRequested());

    expect([worked, published]).toEqual([[], []]);
  });

  it("refuses a forged step of a closed request too", async () => {
    const forged = planRequested({
      slip: { ...newSlip(itinerary()), itinerary: itinerary({ environment: "sandbox" as never }) },
    });

    await expect(owner({ closed: true }).perform(forged)).rejects.toThrow(refused("itinerary_changed"));
  });
});
