import type { BuildId, EventId } from "@sluice/events";
import { expect, it } from "vitest";
import type { Job } from "../src/job.ts";
import { type JobItem, type JobRef, newJobItem } from "../src/job-item.ts";
import { outcomeOf } from "../src/job-outcome.ts";

const build = "sluice-test-plan-staging:1" as BuildId;
const other = "sluice-test-plan-staging:2" as BuildId;
const denied = { refused: "AccessDeniedException" };
const jobWith = (starts: Job["starts"]): Job => ({
  kind: "plan",
  cause: "evt_1" as EventId,
  claimedAt: 0,
  starts,
});

it.each<[string, JobItem["state"], Job["starts"], BuildId | undefined]>([
  [
    "that has the lease, whatever was started since",
    { is: "running", build, since: 0 },
    [{ build }, { build: other }],
    build,
  ],
  ["that was started last, when none has it", { is: "claimed" }, [{ build }, { build: other }, denied], other],
  ["none, when none was started", { is: "claimed" }, [denied, {}, denied], undefined],
])("an outcome names the build %s", (_, state, starts, named) => {
  const end = state.is === "claimed" ? "could_not_start" : "interrupted";

  const item = { ...newJobItem({} as JobRef), state };

  expect(outcomeOf(jobWith(starts), end, { item }, 0)?.build).toBe(named);
});

it.each([
  ["was refused each time", [denied, denied, denied], /^CodeBuild refused three times .*\(AccessDeniedException\)/],
  ["died each time", [{ build }, { build }, { build }], /^Three builds were started and none of them came to an end/],
  [
    "died and was then refused",
    [{ build }, denied, denied],
    /^Of three builds, .* start two \(AccessDeniedException\)/,
  ],
  ["was refused between two that died", [{ build }, denied, { build }], /^Of three builds, .* start one \(Access/],
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

const started = {
  ...jobWith([{ build }]),
  kind: "apply",
  epoch: 3,
  applied: { build, clean: true },
} as const satisfies Job;
const leased = { ...newJobItem({ kind: "apply" } as JobRef), state: { is: "applying", build, since: 0 } } as const;
const said = (outcome: "completed" | "failed") => ({
  ...leased,
  report: { build, outcome, clean: true, result: {} } as never,
});
const resultWith = (epoch: number) => ({ outcome: "completed", output: { epoch }, seconds: 1 }) as never;

it.each([
  ["that says what the owner knows", started, said("completed"), 4, "completed"],
  ["of another epoch than the start's", started, said("completed"), 5, "result_changed"],
  [
    "of an apply that spent no grant",
    { ...started, applied: { build, clean: false } },
    said("completed"),
    4,
    "result_changed",
  ],
  ["of an apply that was not let go", { ...started, applied: undefined }, said("completed"), 4, "result_changed"],
  ["of another outcome than the report's", started, said("failed"), 4, "result_changed"],
] as const)("an apply's result %s", (_, job, item, epoch, ending) => {
  const outcome = outcomeOf(job as Job, "reported", { item, result: resultWith(epoch) }, 0);

  expect(outcome?.ended === "failed" ? outcome.code : outcome?.ended).toBe(ending);
});
