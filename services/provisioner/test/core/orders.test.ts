import { expect, test } from "vitest";
import { acceptRequest } from "../../src/core/accept-request.ts";
import { closeRequest } from "../../src/core/close-request.ts";
import { endRequest } from "../../src/core/end-request.ts";
import { planStep } from "../../src/core/plan-step.ts";
import { settleRequest } from "../../src/core/settle.ts";
import { idOf, itineraryOf, planOutput, slipAfter, stepRequest, type World, world } from "../factories.ts";
import { lastBuild } from "./walk.ts";

const itinerary = itineraryOf();
const { request, environment, workspace } = itinerary;
const slip = slipAfter(itinerary);

const messages: Record<string, (sluice: World) => Promise<void>> = {
  accepted: ({ ports }) => acceptRequest(ports, { itinerary, digest: slip.digest }),
  plan: ({ ports }) => planStep(ports, stepRequest(slip, "plan")),
  closing: ({ ports }) =>
    closeRequest(ports, {
      type: "closing.requested.v1",
      source: "sluice.intake",
      metadata: {
        id: idOf("closing"),
        correlationId: request,
        occurredAt: "2026-11-23T12:00:00.000Z",
        actor: "person_ada",
      },
      data: { request, environment, workspace, by: "person_ada" as never },
    }),
  ended: ({ ports }) => endRequest(ports, request, idOf("ended")),
};

function permutations<T>(values: readonly T[]): T[][] {
  if (values.length < 2) return [[...values]];
  return values.flatMap((value, index) => permutations(values.toSpliced(index, 1)).map((rest) => [value, ...rest]));
}

/** Everything that woke the service is handled, as its own queue would bring it. */
async function drain(sluice: World): Promise<void> {
  for (let wake = sluice.wakes.shift(); wake; wake = sluice.wakes.shift())
    if (wake.message === "step.kept") await planStep(sluice.ports, wake.event);
}

/** The plan's build does its work, if there is one and it may. */
async function build(sluice: World): Promise<void> {
  if (sluice.builds.started.length === 0) return;
  const started = lastBuild(sluice);
  await started.lease();
  await started.report({ outcome: "completed", output: planOutput(0), seconds: 1 });
  sluice.builds.end(started.build);
  await settleRequest(sluice.ports, environment, request);
}

test.each(permutations(["accepted", "plan"]).map((order) => [order.join(", "), order] as const))(
  "%s: the plan is made, once",
  async (_, order) => {
    const sluice = world();
    for (const name of [...order, ...order]) {
      await messages[name]?.(sluice);
      await drain(sluice);
    }
    await build(sluice);

    expect(sluice.builds.started).toHaveLength(1);
    expect(new Set(sluice.published.map(({ type }) => type))).toContain("approval.requested.v1");
  },
);

test.each(permutations(["accepted", "plan", "closing"]).map((order) => [order.join(", "), order] as const))(
  "%s: closing is answered, and no gate is asked for once it was",
  async (_, order) => {
    const sluice = world();
    for (const name of [...order, ...order]) {
      await messages[name]?.(sluice);
      await drain(sluice);
    }
    await build(sluice);

    const types = sluice.published.map(({ type }) => type);
    expect(types).toContain("closing.completed.v1");
    expect(types).not.toContain("approval.requested.v1");
    expect((await sluice.store.workspace(environment, workspace))?.holder).toBeUndefined();
  },
);

test.each(permutations(["accepted", "plan", "ended"]).map((order) => [order.join(", "), order] as const))(
  "%s: the end frees the workspace and nothing more is asked for",
  async (_, order) => {
    const sluice = world();
    for (const name of [...order, ...order]) {
      await messages[name]?.(sluice);
      await drain(sluice);
    }
    await build(sluice);

    expect(sluice.published.map(({ type }) => type)).not.toContain("approval.requested.v1");
    expect((await sluice.store.workspace(environment, workspace))?.holder).toBeUndefined();
    expect((await sluice.store.request(environment, request))?.closed).toMatchObject({ why: "ended" });
  },
);

test("a step that is kept while its acceptance comes in is not forgotten", async () => {
  const sluice = world();
  const { early } = sluice.ports;
  const keep = async (event: Parameters<typeof early.keep>[0]) => {
    await messages.accepted?.(sluice);
    await early.keep(event);
  };

  await planStep({ ...sluice.ports, early: { ...early, keep } }, stepRequest(slip, "plan"));
  await drain(sluice);

  expect(sluice.builds.started).toHaveLength(1);
});

test("an end that is kept while the acceptance comes in is not forgotten", async () => {
  const sluice = world();
  const { store } = sluice.ports;
  const commit: typeof store.commit = async (changes) => {
    if (changes[0]?.is === "beside") await messages.accepted?.(sluice);
    return store.commit(changes);
  };

  await endRequest({ ...sluice.ports, store: { ...store, commit } }, request, idOf("ended"));

  expect((await store.request(environment, request))?.closed).toMatchObject({ why: "ended" });
});

test("another itinerary of a request that was accepted is parked", async () => {
  const sluice = world();
  await messages.accepted?.(sluice);
  const other = { ...itinerary, requester: "person_dan" as never };

  await expect(acceptRequest(sluice.ports, { itinerary: other, digest: slip.digest })).rejects.toMatchObject({
    code: "itinerary_changed",
  });
  await expect(
    acceptRequest(sluice.ports, { itinerary: other, digest: slipAfter(other).digest }),
  ).rejects.toMatchObject({ code: "itinerary_changed" });
});

test("an end that comes before the acceptance closes the request when it comes", async () => {
  const sluice = world();

  for (const name of ["ended", "accepted", "plan"]) await messages[name]?.(sluice);

  expect((await sluice.store.request(environment, request))?.closed).toMatchObject({ why: "ended" });
  expect(sluice.builds.started).toEqual([]);
});
