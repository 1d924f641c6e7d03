import type { BuildId, EventId } from "@sluice/events";
import { expect, it } from "vitest";
import type { Job } from "../src/job.ts";
import { outcomeOf } from "../src/job-outcome.ts";

const build = "sluice-test-plan-staging:1" as BuildId;
const denied = { refused: "AccessDeniedException" };
const jobWith = (starts: Job["starts"]): Job => ({
  kind: "plan",
  cause: "evt_1" as EventId,
  claimedAt: 0,
  state: { is: "claimed" },
  starts,
});

it.each([
  ["was refused each time", [denied, denied, denied], /^CodeBuild refused three times .*\(AccessDeniedException\)/],
  ["died each time", [{ build }, { build }, { build }], /^Three builds were started and none of them got to work/],
  ["died and was then refused", [{ build }, denied, denied], /^Three builds were started/],
])("a job whose start %s says so, and that nothing was changed", (_, starts, words) => {
  const outcome = outcomeOf(jobWith(starts), "could_not_start", {}, 5_000);

  expect(outcome).toMatchObject({
    ended: "failed",
    code: "could_not_start",
    repeatable: true,
    seconds: 5,
    sentence: expect.stringMatching(words),
  });
  expect(outcome).toMatchObject({ sentence: expect.stringContaining("Nothing was changed.") });
});
