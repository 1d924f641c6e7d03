import { expect, test } from "vitest";
import { configurationStep } from "../../src/core/configuration-step.ts";
import { planStep } from "../../src/core/plan-step.ts";
import { settleHeard } from "../../src/core/settle.ts";
import { slipAfter, stepRequest, world } from "../factories.ts";
import { accepted, applied, applyAsked, jtiOf, lastBuild, planned, typesOf } from "./walk.ts";

test("a request goes from plan to configuration, and each step asks for the next", async () => {
  const sluice = world();
  const itinerary = await accepted(sluice);

  const output = await planned(sluice, itinerary);
  await applied(sluice, itinerary, output);
  const slip = sluice.published.find(({ type }) => type === "configuration.requested.v1")?.data as never;
  await configurationStep(sluice.ports, stepRequest((slip as { slip: never }).slip, "configure"));
  const build = lastBuild(sluice);
  await build.lease();
  await build.report({ outcome: "completed", output: { ran: true, hosts: 1, changed: 1, ok: 2 }, seconds: 2 });
  await settleHeard(sluice.ports, build.job);

  expect(typesOf(sluice)).toEqual([
    "workspace.taken.v1",
    "plan.completed.v1",
    "approval.requested.v1",
    "apply.completed.v1",
    "configuration.requested.v1",
    "configuration.completed.v1",
    "scan.requested.v1",
  ]);
});

test("everything a second time publishes the same ids and starts no other build", async () => {
  const sluice = world();
  const itinerary = await accepted(sluice);
  const output = await planned(sluice, itinerary);
  await applied(sluice, itinerary, output);
  const first = sluice.published.map(({ id }) => id);
  sluice.published.length = 0;

  await accepted(sluice);
  await planStep(sluice.ports, stepRequest(slipAfter(itinerary), "plan"));
  await applyAsked(sluice, itinerary, output);
  for (const { job } of [...sluice.builds.started]) await settleHeard(sluice.ports, job);

  expect(first).toEqual(expect.arrayContaining(sluice.published.map(({ id }) => id)));
  expect(sluice.published.length).toBeGreaterThan(0);
  expect(sluice.builds.started).toHaveLength(2);
});

test("an apply killed after its start blocks the workspace and is not started again", async () => {
  const sluice = world();
  const itinerary = await accepted(sluice);
  const output = await planned(sluice, itinerary);
  const build = await applyAsked(sluice, itinerary, output);
  await build.lease();
  await build.start(jtiOf(itinerary));
  sluice.published.length = 0;

  sluice.builds.end(build.build);
  await settleHeard(sluice.ports, build.job);

  expect(typesOf(sluice)).toEqual(["apply.failed.v1", "workspace.blocked.v1"]);
  expect(sluice.published[0]?.data).toMatchObject({ code: "interrupted" });
  expect(lastBuild(sluice).build).toBe(build.build);
});
