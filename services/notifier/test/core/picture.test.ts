import type { AnyEvent } from "@sluice/events";
import { attemptsOf, stepAt } from "@sluice/words/facts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { approvalMessage } from "../../src/core/approval-message.ts";
import { requestMessage } from "../../src/core/request-message.ts";
import { threadOf } from "../../src/core/thread.ts";
import { event, factsOf, people, pictureAfter, planOutput, say, wholeStory } from "../factories.ts";

/** A story with everything in it that can be told twice or out of turn. */
const bumpy = () => [
  ...wholeStory().slice(0, -5),
  say.waits("apply", { waitsFor: "workspace", holder: "req_00000000", position: 1 }),
  say.waits("apply", { waitsFor: "workspace", holder: "req_11111111", position: 1 }),
  say.failed("apply", "apply", "InsufficientInstanceCapacity"),
  event("workspace.blocked.v1", { step: "apply", attempt: 1 }),
  say.paused("apply", "needs_replan", "InsufficientInstanceCapacity"),
  event("workspace.unlocked.v1"),
  say.planned(planOutput({ changeDigest: "7".repeat(64) }), 2),
  say.opened({ changeDigest: "7".repeat(64) }, 2),
  say.granted(2),
  say.applied(2),
  say.failed("configuration", "configure", "Ensure sshd runs", 2),
  say.paused("configure", "configuration_failed", "Ensure sshd runs", 2),
  event("workspace.refused.v1", { step: "configure", attempt: 3 }),
  say.taken("configure", 4),
  say.configured(4),
  say.checked(4),
  event("request.stalled.v1", { step: "check", attempt: 4 }),
  say.completed(),
];

function messagesOf(heard: readonly AnyEvent[]) {
  const picture = pictureAfter(...heard);
  const gates = attemptsOf(picture.facts, "approve").map((attempt) =>
    approvalMessage(picture, stepAt(picture.facts, "approve", "approval", attempt), people),
  );
  return { request: requestMessage(picture, people), gates, thread: threadOf(picture, people) };
}

describe("a picture", () => {
  it("is the same, and so are its messages, in whatever order and however often its events are heard", () => {
    for (const story of [wholeStory(), bumpy()]) {
      const expected = messagesOf(story);
      fc.assert(
        fc.property(
          fc.shuffledSubarray(story, { minLength: story.length }),
          fc.array(fc.constantFrom(...story), { maxLength: 12 }),
          (order, repeats) => {
            expect(factsOf([...order, ...repeats])).toEqual(factsOf(story));
            expect(messagesOf([...repeats, ...order])).toEqual(expected);
          },
        ),
        { numRuns: 60 },
      );
    }
  });

  it("shows of any part of its events what the same part shows in any other order", () => {
    const story = bumpy();
    const [accepted, ...rest] = story;

    fc.assert(
      fc.property(fc.shuffledSubarray(rest), (some) => {
        const all = accepted ? [accepted, ...some] : some;
        expect(messagesOf([...all].reverse())).toEqual(messagesOf(all));
      }),
      { numRuns: 60 },
    );
  });

  it("is of the attempt that counts: what was done before a newer plan is to come again", () => {
    const { steps } = pictureAfter(...wholeStory().slice(0, -1), say.planned(planOutput(), 2));

    expect(steps.map(({ state }) => state)).toEqual(["done", "running", "to_come", "to_come", "to_come"]);
  });

  it("leaves steps that were not reached to come, also when a request ends", () => {
    const { steps } = pictureAfter(say.accepted(), say.planned(), say.opened(), event("request.withdrawn.v1"));

    expect(steps.map(({ state }) => state)).toEqual(["done", "to_come", "to_come", "to_come", "to_come"]);
  });
});
