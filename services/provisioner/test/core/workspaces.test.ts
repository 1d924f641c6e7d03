import type { EventOf, UnlockSubmitted, WorkspaceRequested } from "@sluice/events";
import { describe, expect, test } from "vitest";
import { applyStep } from "../../src/core/apply-step.ts";
import { closeRequest } from "../../src/core/close-request.ts";
import { endRequest } from "../../src/core/end-request.ts";
import { planStep } from "../../src/core/plan-step.ts";
import { settleHeard } from "../../src/core/settle.ts";
import { unlockWorkspace } from "../../src/core/unlock-workspace.ts";
import { freeOnPause, requestDue, requestWorkspace } from "../../src/core/workspace-due.ts";
import { ADA, DAN, idOf, itineraryOf, requestIdOf, slipAfter, stepRequest, type World, world } from "../factories.ts";
import { accepted, applied, applyAsked, applyRequest, jtiOf, lastBuild, planned, typesOf } from "./walk.ts";

const [first, second, third] = ["req_first001", "req_second01", "req_third001"].map((request) =>
  itineraryOf(request),
) as [ReturnType<typeof itineraryOf>, ReturnType<typeof itineraryOf>, ReturnType<typeof itineraryOf>];
const holderOf = async (sluice: World) => (await sluice.store.workspace("staging", "probe-smoke"))?.holder?.request;
const askPlan = (sluice: World, itinerary: typeof first, attempt = 1) =>
  planStep(sluice.ports, stepRequest(slipAfter(itinerary), "plan", attempt));
/** Everything that the service was woken for, as its own queue would bring it. */
const wake = async (sluice: World) => {
  for (const message of sluice.wakes.splice(0))
    if (message.message === "request.due")
      await requestDue(sluice.ports, first.environment, requestIdOf(message.request));
};
const closing = (itinerary: typeof first, cause = "closing") => ({
  type: "closing.requested.v1" as const,
  source: "sluice.intake",
  metadata: {
    id: idOf(cause),
    correlationId: itinerary.request,
    occurredAt: "2026-11-23T12:00:00.000Z",
    actor: "person_ada",
  },
  data: {
    request: itinerary.request,
    environment: itinerary.environment,
    workspace: itinerary.workspace,
    by: "person_ada" as never,
  },
});

describe("requests for one workspace go one after the other", () => {
  test("who comes later waits and is told for whom and in which place", async () => {
    const sluice = world();
    for (const itinerary of [first, second, third]) await accepted(sluice, itinerary);
    for (const itinerary of [first, second, third]) await askPlan(sluice, itinerary);

    const waits = sluice.published.filter(({ type }) => type === "step.suspended.v1").map(({ data }) => data);
    expect(waits).toMatchObject([
      { request: second.request, waitsFor: "workspace", holder: first.request, position: 1 },
      { request: third.request, waitsFor: "workspace", holder: first.request, position: 2 },
    ]);
    expect(sluice.builds.started).toHaveLength(1);
  });

  test("an end hands over to the next, who is woken and plans", async () => {
    const sluice = world();
    for (const itinerary of [first, second]) await accepted(sluice, itinerary);
    await planned(sluice, first);
    await askPlan(sluice, second);

    await endRequest(sluice.ports, first.request, idOf("ended"));
    expect(await holderOf(sluice)).toBe(second.request);
    expect(sluice.wakes).toEqual([{ message: "request.due", environment: "staging", request: second.request }]);
    expect(await sluice.store.request("staging", second.request)).toMatchObject({ dueAt: sluice.clock.now });
    sluice.wakes.push(...sluice.wakes);
    await wake(sluice);

    expect(sluice.builds.started.map(({ job }) => job)).toEqual(["job_first001_plan_1", "job_second01_plan_1"]);
  });

  test("an end waits for the build that is at work", async () => {
    const sluice = world();
    for (const itinerary of [first, second]) await accepted(sluice, itinerary);
    await askPlan(sluice, first);
    const build = lastBuild(sluice);
    await build.lease();
    await askPlan(sluice, second);

    await endRequest(sluice.ports, first.request, idOf("ended"));
    expect(await holderOf(sluice)).toBe(first.request);
    sluice.builds.end(build.build);
    await settleHeard(sluice.ports, build.job);
    await settleHeard(sluice.ports, build.job);

    expect(await holderOf(sluice)).toBe(second.request);
    expect(sluice.builds.started).toHaveLength(1);
  });

  test("a hundred may wait; the next is told so, and a place that is free again is taken", async () => {
    const sluice = world();
    const many = Array.from({ length: 103 }, (_, n) => itineraryOf(`req_many${String(n).padStart(4, "0")}`));
    const [holder, waiter, late, later] = [many[0], many[1], many[101], many[102]] as [
      typeof first,
      typeof first,
      typeof first,
      typeof first,
    ];
    for (const itinerary of many) await accepted(sluice, itinerary);
    for (const itinerary of many.slice(0, 102)) await askPlan(sluice, itinerary);
    await askPlan(sluice, late);

    const line = (await sluice.store.workspace("staging", "probe-smoke"))?.waiters;
    expect(line).toHaveLength(100);
    expect(line?.some(({ request }) => request === late.request)).toBe(false);
    const told = sluice.published.filter(({ type }) => type === "plan.failed.v1");
    expect(told).toHaveLength(2); // Asked again, answered the same.
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    expect(told[0]?.data).toMatchObject({
      request: late.request,
      code: "line_full",
      sentence: expect.stringMatching(/^100 requests wait for probe-smoke already.* Ask again/),
    });

    await closeRequest(sluice.ports, closing(waiter));
    await askPlan(sluice, later);
    expect((await sluice.store.workspace("staging", "probe-smoke"))?.waiters).toHaveLength(100);
    expect(await holderOf(sluice)).toBe(holder.request);
    expect(sluice.builds.started).toHaveLength(1);
  });

  test("who is closed while waiting leaves the line", async () => {
    const sluice = world();
    for (const itinerary of [first, second, third]) await accepted(sluice, itinerary);
    await planned(sluice, first);
    for (const itinerary of [second, third]) await askPlan(sluice, itinerary);

    await closeRequest(sluice.ports, closing(second));
    await endRequest(sluice.ports, first.request, idOf("ended"));

    expect(await holderOf(sluice)).toBe(third.request);
  });
});

describe("closing", () => {
  test("is completed at once when no build is at work, and again when it is asked again", async () => {
    const sluice = world();
    await planned(sluice, await accepted(sluice, first));
    sluice.published.length = 0;

    await closeRequest(sluice.ports, closing(first));
    await closeRequest(sluice.ports, closing(first));

    expect(typesOf(sluice)).toEqual(["closing.completed.v1", "closing.completed.v1"]);
    expect(new Set(sluice.published.map(({ id }) => id)).size).toBe(1);
  });

  test("waits for a plan that is being made, and nothing else is told of it", async () => {
    const sluice = world();
    await accepted(sluice, first);
    await askPlan(sluice, first);
    const build = lastBuild(sluice);
    await build.lease();
    sluice.published.length = 0;

    await closeRequest(sluice.ports, closing(first));
    expect(typesOf(sluice)).toEqual([]);
    await build.report({
      outcome: "failed",
      code: "terraform_failed",
      sentence: "No.",
      repeatable: true,
      seconds: 1,
      clean: true,
    });
    await settleHeard(sluice.ports, build.job);

    expect(typesOf(sluice)).toEqual(["closing.completed.v1"]);
  });

  test("comes too late once the apply has begun, and once it has succeeded", async () => {
    const sluice = world();
    const output = await planned(sluice, await accepted(sluice, first));
    const build = await applyAsked(sluice, first, output);
    await build.lease();
    await build.start(jtiOf(first));

    await closeRequest(sluice.ports, closing(first));
    expect(sluice.published.at(-1)).toMatchObject({ type: "closing.refused.v1", data: { code: "applying" } });
    await applied(sluice, first, output);
    await closeRequest(sluice.ports, closing(first, "again"));

    expect(sluice.published.at(-1)).toMatchObject({ type: "closing.refused.v1", data: { code: "applied" } });
  });

  test("that was refused stays refused when it comes again, whatever has become of the apply", async () => {
    const sluice = world();
    const output = await planned(sluice, await accepted(sluice, first));
    const build = await applyAsked(sluice, first, output);
    await build.lease();
    await build.start(jtiOf(first));
    await closeRequest(sluice.ports, closing(first));
    sluice.builds.end(build.build);
    await settleHeard(sluice.ports, build.job);
    sluice.published.length = 0;

    await closeRequest(sluice.ports, closing(first));

    expect(sluice.published).toMatchObject([{ type: "closing.refused.v1", data: { code: "applying" } }]);
    expect((await sluice.store.request("staging", first.request))?.closed).toBeUndefined();

    await closeRequest(sluice.ports, closing(first, "another closing"));
    expect(sluice.published.at(-1)).toMatchObject({ type: "closing.completed.v1" });
  });

  test("refuses the start of an apply that has only its lease", async () => {
    const sluice = world();
    const build = await applyAsked(sluice, first, await planned(sluice, await accepted(sluice, first)));
    await build.lease();

    await closeRequest(sluice.ports, closing(first));

    expect(await build.start(jtiOf(first))).toBe("closed");
    expect(typesOf(sluice)).not.toContain("closing.completed.v1");
  });

  test("of an unknown request is kept, and nothing is started when it is accepted", async () => {
    const sluice = world();
    await closeRequest(sluice.ports, closing(first));
    await accepted(sluice, first);
    await askPlan(sluice, first);

    expect(sluice.builds.started).toEqual([]);
    expect(typesOf(sluice)).toEqual(["closing.completed.v1"]);
  });
});

describe("a workspace whose apply was interrupted", () => {
  async function blocked() {
    const sluice = world();
    for (const itinerary of [first, second]) await accepted(sluice, itinerary);
    const output = await planned(sluice, first);
    await askPlan(sluice, second);
    const build = await applyAsked(sluice, first, output);
    await build.lease();
    await build.start(jtiOf(first));
    sluice.builds.end(build.build);
    await settleHeard(sluice.ports, build.job);
    sluice.published.length = 0;
    return sluice;
  }
  const unlock = (
    who: typeof DAN,
    cause = "unlock",
    reason = "nothing was left",
    signedAt = "2026-11-23T12:00:00.000Z",
  ) =>
    ({
      type: "unlock.submitted.v1",
      source: "sluice.intake",
      metadata: { id: idOf(cause), correlationId: first.request, occurredAt: signedAt, actor: "slack:T/U" },
      data: {
        request: first.request,
        environment: first.environment,
        workspace: first.workspace,
        reason,
        who,
        signedAt,
      },
    }) as EventOf<typeof UnlockSubmitted>;

  test("stays with its request after the end, until an operator unlocks it for the next", async () => {
    const sluice = await blocked();

    await endRequest(sluice.ports, first.request, idOf("ended"));
    expect(await holderOf(sluice)).toBe(first.request);
    await unlockWorkspace(sluice.ports, unlock(DAN));
    await unlockWorkspace(sluice.ports, unlock(DAN));

    expect(await holderOf(sluice)).toBe(second.request);
    expect(sluice.published.map(({ type, data }) => [type, (data as { epoch: number }).epoch])).toEqual([
      ["workspace.unlocked.v1", 2],
      ["workspace.unlocked.v1", 2],
    ]);
    expect(new Set(sluice.published.map(({ id }) => id)).size).toBe(1);
  });

  test.each([
    ["by somebody who is no operator", unlock(ADA), "not_an_operator"],
    ["by somebody whom nobody knows", unlock({ team: "T0", user: "U0" }), "unknown_person"],
    ["without a reason", unlock(DAN, "u", "  "), "reason_missing"],
    ["by an old click", unlock(DAN, "u", "late", "2026-11-23T11:44:00.000Z"), "stale"],
  ])("is not unlocked %s", async (_, event, code) => {
    const sluice = await blocked();

    await unlockWorkspace(sluice.ports, event);

    expect(sluice.published).toMatchObject([{ type: "unlock.refused.v1", data: { code } }]);
    expect((await sluice.store.workspace("staging", "probe-smoke"))?.blocked).toBeDefined();
  });

  test("is planned again by its own request, with a search for what was left, and its next grant lifts the block", async () => {
    const sluice = await blocked();

    const output = await planned(sluice, first, 2, 1);
    const build = await applyAsked(sluice, first, output, 2);
    await build.lease();

    expect(sluice.objects.inputs.findLast(({ kind }) => kind === "plan")).toMatchObject({
      searchOrphans: true,
      epoch: 1,
    });
    expect(await build.start(jtiOf(first, 2), 1)).toBe("started");
    expect(await sluice.store.workspace("staging", "probe-smoke")).toMatchObject({
      epoch: 2,
      holder: { request: first.request },
    });
    expect((await sluice.store.workspace("staging", "probe-smoke"))?.blocked).toBeUndefined();
  });
});

describe("a plan made again", () => {
  test("is refused while an apply is under way, also when it is heard again later", async () => {
    const sluice = world();
    const output = await planned(sluice, await accepted(sluice, first));
    const build = await applyAsked(sluice, first, output);
    await build.lease();

    await askPlan(sluice, first, 2);
    await applied(sluice, first, output);
    await askPlan(sluice, first, 2);

    const refusals = sluice.published.filter(({ type }) => type === "repetition.refused.v1");
    expect(refusals.map(({ data }) => (data as { code: string }).code)).toEqual(["apply_under_way", "apply_under_way"]);
    expect(sluice.builds.started.map(({ job }) => job)).not.toContain("job_first001_plan_2");
  });

  test("is refused while a plan is under way", async () => {
    const sluice = world();
    await accepted(sluice, first);
    await askPlan(sluice, first);

    await askPlan(sluice, first, 2);

    expect(sluice.published.at(-1)).toMatchObject({ type: "repetition.refused.v1", data: { code: "plan_under_way" } });
    expect(sluice.builds.started).toHaveLength(1);
  });

  test("makes the older grant useless, which is no outcome", async () => {
    const sluice = world();
    const output = await planned(sluice, await accepted(sluice, first));
    const build = await applyAsked(sluice, first, output);
    await planned(sluice, first, 2);
    sluice.published.length = 0;

    expect(await build.lease()).toBe("superseded");
    sluice.builds.end(build.build);
    await settleHeard(sluice.ports, build.job);

    expect(typesOf(sluice)).toEqual([]);
  });
});

test("an apply of an older plan is not taken up", async () => {
  const sluice = world();
  const output = await planned(sluice, await accepted(sluice, first));
  await planned(sluice, first, 2);
  const builds = sluice.builds.started.length;

  await applyStep(sluice.ports, await applyRequest(sluice, first, output));

  expect(sluice.builds.started).toHaveLength(builds);
  expect((await sluice.store.request("staging", first.request))?.jobs["apply#1"]).toBeUndefined();
});

test("an apply that failed is not told again once its plan was made again", async () => {
  const sluice = world();
  const output = await planned(sluice, await accepted(sluice, first));
  const build = await applyAsked(sluice, first, output);
  await build.lease();
  await build.start(jtiOf(first));
  sluice.builds.end(build.build);
  await settleHeard(sluice.ports, build.job);
  await planned(sluice, first, 2, 1);
  sluice.published.length = 0;

  await applyStep(sluice.ports, await applyRequest(sluice, first, output));

  expect(typesOf(sluice)).toEqual([]);
});

describe("a repeat of a step after its apply", () => {
  const wanted = (itinerary: typeof first, step = "configure", attempt = 2) =>
    ({
      type: "workspace.requested.v1",
      source: "sluice.intake",
      metadata: {
        id: idOf(`${itinerary.request}-${step}-${attempt}`),
        correlationId: itinerary.request,
        occurredAt: "2026-11-23T12:00:00.000Z",
        actor: "person_ada",
      },
      data: {
        request: itinerary.request,
        step,
        attempt,
        environment: itinerary.environment,
        workspace: itinerary.workspace,
      },
    }) as EventOf<typeof WorkspaceRequested>;
  const pause = (itinerary: typeof first, attempt = 1) =>
    ({
      request: itinerary.request,
      step: "configure",
      attempt,
      reason: "configuration_failed",
      sentence: "No.",
      until: "",
    }) as never;

  test("gets the workspace back when nobody changed it", async () => {
    const sluice = world();
    await applied(sluice, first, await planned(sluice, await accepted(sluice, first)));
    await freeOnPause(sluice.ports, pause(first));
    expect(await holderOf(sluice)).toBeUndefined();
    sluice.published.length = 0;

    await requestWorkspace(sluice.ports, wanted(first));
    await freeOnPause(sluice.ports, pause(first)); // The older attempt's, heard again.

    expect(sluice.published).toMatchObject([
      { type: "workspace.taken.v1", data: { step: "configure", attempt: 2, epoch: 1 } },
    ]);
    expect(await holderOf(sluice)).toBe(first.request);
  });

  test("is refused with a sentence when the line is full", async () => {
    const sluice = world();
    await applied(sluice, first, await planned(sluice, await accepted(sluice, first)));
    await freeOnPause(sluice.ports, pause(first));
    for (let n = 0; n < 101; n += 1)
      await askPlan(sluice, await accepted(sluice, itineraryOf(`req_line${String(n).padStart(4, "0")}`)));

    await requestWorkspace(sluice.ports, wanted(first));

    expect(sluice.published.at(-1)).toMatchObject({
      type: "workspace.refused.v1",
      data: { request: first.request, sentence: expect.stringMatching(/^100 requests wait for probe-smoke already/) },
    });
  });

  test("is refused when another request changed it since, and the next in line is not kept waiting", async () => {
    const sluice = world();
    await applied(sluice, first, await planned(sluice, await accepted(sluice, first)));
    await freeOnPause(sluice.ports, pause(first));
    await applied(sluice, second, await planned(sluice, await accepted(sluice, second), 1, 1));
    await requestWorkspace(sluice.ports, wanted(first));
    expect(sluice.published.at(-1)).toMatchObject({ type: "step.suspended.v1", data: { holder: second.request } });

    await endRequest(sluice.ports, second.request, idOf("ended"));
    await wake(sluice);

    expect(sluice.published.at(-1)).toMatchObject({ type: "workspace.refused.v1", data: { request: first.request } });
    expect(await holderOf(sluice)).toBeUndefined();
  });
});
