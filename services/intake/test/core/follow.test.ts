import type { AnyEvent } from "@sluice/events";
import {
  ApprovalDenied,
  ApprovalGranted,
  ApprovalOpened,
  ApprovalRequested,
  apply,
  configuration,
  plan,
  RepetitionSubmitted,
  StepSuspended,
  scan,
} from "@sluice/events";
import { itineraryDigest } from "@sluice/steps";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hear } from "../../src/core/hear.ts";
import { lookAgain } from "../../src/core/look-again.ts";
import { pauseOf, pictureOf } from "../../src/core/picture.ts";
import { proposeByPerson } from "../../src/core/propose.ts";
import { type Accepted, isAccepted } from "../../src/core/record.ts";
import { repeat } from "../../src/core/repeat.ts";
import {
  acceptedSlip,
  failure,
  gate,
  heardBack,
  MINUTE,
  noon,
  outcomes,
  proposed,
  request,
  slackUsers,
  step,
  team,
  told,
  world,
} from "../factories.ts";

const DAY = 24 * 60 * MINUTE;
const granted = (attempt = 1) =>
  told(
    ApprovalGranted,
    {
      ...gate(attempt),
      grant: "a.b.c",
      decidedBy: ["person_carol"],
      grantedAt: new Date(noon).toISOString(),
      seconds: 5,
    },
    { cause: `granted ${attempt}` },
  );
const opened = told(
  ApprovalOpened,
  {
    ...gate(),
    of: { step: "plan", attempt: 1 },
    approvers: ["person_carol"],
    groups: ["infrastructure"],
    needed: 1,
    until: new Date(noon + 240 * MINUTE).toISOString(),
    destructive: false,
    changeDigest: "0".repeat(64),
  },
  { cause: "opened" },
);
const denied = (how: "rejected" | "expired") =>
  told(
    ApprovalDenied,
    {
      ...gate(),
      how,
      ...(how === "rejected" && { by: "person_carol", reason: "use the shared cluster" }),
      deniedAt: new Date(noon).toISOString(),
      seconds: 5,
    },
    { cause: how },
  );
const asked = (
  definition:
    | typeof apply.requested
    | typeof ApprovalRequested
    | typeof configuration.requested
    | typeof scan.requested,
  name: string,
) => told(definition, { ...step(name), slip: acceptedSlip }, { cause: `asked ${name}` });
const configured = told(
  configuration.completed,
  { ...step("configure"), output: { ran: false, reason: "No hosts here." }, seconds: 1 },
  { cause: "configured" },
);

const waits = (position: number) =>
  told(StepSuspended, { ...step("plan"), waitsFor: "workspace", position }, { cause: `waits ${position}` });

const wholeStory: readonly AnyEvent[] = [
  waits(2),
  waits(1),
  outcomes.plan(),
  asked(ApprovalRequested, "approve"),
  opened,
  granted(),
  asked(apply.requested, "apply"),
  outcomes.apply(),
  asked(configuration.requested, "configure"),
  configured,
  asked(scan.requested, "check"),
  outcomes.check(),
];

async function accepted() {
  const made = world();
  await proposeByPerson(made.ports, proposed());
  for (const own of made.take()) if (own.type === "plan.requested.v1") await hear(made.ports, heardBack(own));
  return made;
}

async function picture({ store }: Awaited<ReturnType<typeof accepted>>) {
  const record = store.records.get(request) as Accepted;
  return pictureOf(record, await store.facts(request));
}

describe("following a request", () => {
  it("says that it is completed when the last step is, with the seconds since it was asked", async () => {
    const story = await accepted();

    for (const event of wholeStory) await hear(story.ports, event);

    expect(story.published).toMatchObject([{ type: "request.completed.v1", data: { request, seconds: 300 } }]);
  });

  it("gives one picture and one end for every order and every repetition of the same events", async () => {
    const orders = fc.shuffledSubarray([...wholeStory, ...wholeStory], { minLength: wholeStory.length * 2 });
    const inOrder = await accepted();
    for (const event of wholeStory) await hear(inOrder.ports, event);

    await fc.assert(
      fc.asyncProperty(orders, async (events) => {
        const story = await accepted();
        for (const event of events) await hear(story.ports, event);

        expect(story.store.records.get(request)?.end).toEqual(inOrder.store.records.get(request)?.end);
        expect(new Set(story.published.map(({ id }) => id)).size).toBe(1);
      }),
      { numRuns: 60 },
    );
  });

  it("gives one picture for every order of what is heard before the end", async () => {
    const open = wholeStory.slice(0, -1);
    const inOrder = await accepted();
    for (const event of open) await hear(inOrder.ports, event);
    const expected = await picture(inOrder);

    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...open, ...open], { minLength: open.length * 2 }), async (events) => {
        const story = await accepted();
        for (const event of events) await hear(story.ports, event);

        expect(await picture(story)).toEqual(expected);
        expect(story.published).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("changes nothing by a late event of a request that has ended", async () => {
    const story = await accepted();
    for (const event of wholeStory) await hear(story.ports, event);
    story.take();
    const before = JSON.stringify([[...story.store.records], [...story.store.kept]]);

    for (const event of [outcomes.applyFailed(), denied("rejected"), opened, outcomes.planFailed(2)])
      await hear(story.ports, event);

    expect(story.published).toEqual([]);
    expect(JSON.stringify([[...story.store.records], [...story.store.kept]])).toBe(before);
  });

  it("publishes the same end again when its cause is redelivered, and only then", async () => {
    const story = await accepted();
    await hear(story.ports, outcomes.planFailed());
    const [first] = story.take();

    await hear(story.ports, outcomes.planFailed());

    expect(story.published).toEqual([first]);
    expect(first).toMatchObject({ type: "request.failed.v1", data: { step: "plan", code: failure.code } });
  });

  it.each([
    ["rejected", "request.rejected.v1"],
    ["expired", "request.expired.v1"],
  ] as const)("ends as %s when the gate was", async (how, type) => {
    const story = await accepted();
    await hear(story.ports, outcomes.plan());

    await hear(story.ports, denied(how));

    expect(story.types()).toEqual([type]);
  });

  it("pauses when an apply fails, and fails it when nobody goes on for seven days", async () => {
    const story = await accepted();
    await hear(story.ports, outcomes.applyFailed());
    expect(story.take()).toMatchObject([
      { type: "request.paused.v1", data: { reason: "needs_replan", until: new Date(noon + 7 * DAY).toISOString() } },
    ]);

    story.clock.now = noon + 7 * DAY - 1;
    await lookAgain(story.ports, request);
    expect(story.published).toEqual([]);

    story.clock.now = noon + 7 * DAY;
    await lookAgain(story.ports, request);
    await lookAgain(story.ports, request);
    expect(new Set(story.published.map(({ id }) => id)).size).toBe(1);
    expect(story.published[0]).toMatchObject({ type: "request.failed.v1", data: { code: "nobody_went_on" } });
  });

  it.each([
    [configuration.failed, "configure", "configuration_failed"],
    [scan.failed, "check", "check_failed"],
  ] as const)("pauses when %s is told", async (definition, name, reason) => {
    const story = await accepted();

    await hear(story.ports, told(definition, { ...step(name), ...failure }));

    expect(story.published).toMatchObject([{ type: "request.paused.v1", data: { step: name, reason } }]);
  });

  it("parks an outcome of a request that was never accepted", async () => {
    const { ports } = world();

    await expect(hear(ports, outcomes.plan())).rejects.toMatchObject({
      name: "NonRetriableError",
      code: "unknown_request",
    });
  });

  it("does not pause for an older attempt beside a newer one", async () => {
    const story = await accepted();
    await hear(story.ports, outcomes.plan());
    await hear(story.ports, opened);
    const who = { team, user: slackUsers.ada };
    const again = { ...step("plan"), who, signedAt: new Date(noon).toISOString() };
    await repeat(story.ports, told(RepetitionSubmitted, again));
    story.take();

    await hear(story.ports, outcomes.applyFailed(1));

    expect(story.published).toEqual([]);
    const record = story.store.records.get(request);
    expect(
      record && isAccepted(record) && pauseOf(pictureOf(record, await story.store.facts(request))),
    ).toBeUndefined();
  });
});

describe("work that is asked for with another itinerary than the accepted one", () => {
  it("is parked and not kept, so that it is never asked for again", async () => {
    const { ports, store } = await accepted();
    const itinerary = { ...acceptedSlip.itinerary, environment: "sandbox" };
    const forged = { ...acceptedSlip, itinerary, digest: itineraryDigest(itinerary as never) };

    const heard = hear(ports, told(apply.requested, { ...step("apply"), slip: forged }));

    await expect(heard).rejects.toMatchObject({ code: "itinerary_changed" });
    expect([...store.kept.values()].filter(({ type }) => type === "apply.requested.v1")).toEqual([]);
  });
});

describe("an owner that is silent", () => {
  it("is asked again three times, verbatim, then people are told whose step it is", async () => {
    const { ports, clock, store, take } = await accepted();
    const asked = [...store.kept.values()].find(({ key }) => key.endsWith("#asked"));

    for (let nudge = 1; nudge <= 3; nudge++) {
      clock.now += 11 * MINUTE;
      await lookAgain(ports, request);
      const [again] = take();
      expect(again).toMatchObject({ type: "plan.requested.v1", id: asked?.id, data: asked?.data });
      if (again) await hear(ports, heardBack(again)); // What we sent comes back to us and is no answer.
    }
    clock.now += 11 * MINUTE;
    await lookAgain(ports, request);

    expect(take()).toMatchObject([
      { type: "request.stalled.v1", data: { step: "plan", kind: "plan", owner: "sluice.provisioner" } },
    ]);
    clock.now += DAY;
    await lookAgain(ports, request);
    expect(take()).toEqual([]);
  });

  it("is not asked before its time, and an answer gives it new time", async () => {
    const { ports, clock, take } = await accepted();
    clock.now += 9 * MINUTE;
    await lookAgain(ports, request);
    expect(take()).toEqual([]);

    await hear(ports, told(StepSuspended, { ...step("plan"), waitsFor: "build" }));
    clock.now += 9 * MINUTE;
    await lookAgain(ports, request);

    expect(take()).toEqual([]);
  });

  it("is not asked again while its gate is open", async () => {
    const { ports, clock, take } = await accepted();
    await hear(ports, outcomes.plan());
    await hear(ports, asked(ApprovalRequested, "approve"));
    await hear(ports, opened);

    clock.now = noon + 239 * MINUTE;
    await lookAgain(ports, request);

    expect(take()).toEqual([]);
  });

  it("is asked for the step that came before when the next one was never asked for", async () => {
    const { ports, clock, take } = await accepted();
    await hear(ports, outcomes.plan());

    clock.now += 11 * MINUTE;
    await lookAgain(ports, request);

    expect(take()).toMatchObject([{ type: plan.requested.type }]);
  });

  it("goes on from a stall when anything is heard", async () => {
    const { ports, clock, store } = await accepted();
    for (let look = 0; look < 4; look++) {
      clock.now += 11 * MINUTE;
      await lookAgain(ports, request);
    }
    expect(store.records.get(request)?.dueAt).toBeUndefined();

    await hear(ports, outcomes.plan());

    expect(store.records.get(request)?.dueAt).toBeGreaterThan(clock.now);
  });
});
