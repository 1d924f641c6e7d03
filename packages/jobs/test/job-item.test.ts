import { describe, expect, test } from "vitest";
import { JobItem, JobKind, type JobState } from "../src/index.ts";

const build = `sluice-test-plan-staging:${"1".padStart(36, "0")}`;
const another = `sluice-test-plan-staging:${"2".padStart(36, "0")}`;
const result = { key: "results/r.json", versionId: "v", sha256: "0".repeat(64) };
const reportOf = (by: string) => ({ build: by, outcome: "completed", clean: true, result });
const running = { is: "running", build, since: 0 };
const applying = { is: "applying", build, since: 0 };

const itemOf = (kind: JobKind, state: JobState | object, report?: object, version = 1) =>
  JobItem.safeParse({
    environment: "staging",
    kind,
    job: "job_7k3m9qx2_step_1",
    version,
    state,
    ...(report && { report }),
  }).success;

describe("a job's item", () => {
  test.each(JobKind.options)("is one of whatever kind (%s) while it is claimed or a build is at work", (kind) => {
    expect(itemOf(kind, { is: "claimed" })).toBe(true);
    expect(itemOf(kind, running)).toBe(true);
    expect(itemOf(kind, running, reportOf(build))).toBe(true);
  });

  test.each(JobKind.options)("says of an apply alone that it is applying (%s)", (kind) => {
    expect(itemOf(kind, applying)).toBe(kind === "apply");
    expect(itemOf(kind, applying, reportOf(build))).toBe(kind === "apply");
  });

  test("has a version after which another one can be kept", () => {
    expect(itemOf("plan", running, undefined, 1_000_000)).toBe(true);
    expect(itemOf("plan", running, undefined, Number.MAX_SAFE_INTEGER)).toBe(false);
  });

  test.each([
    ["that has the lease", running, reportOf(another)],
    ["that applies", applying, reportOf(another)],
    ["that has any lease", { is: "claimed" }, reportOf(build)],
  ])("is none with a report of another build than the one %s", (_, state, report) => {
    expect(itemOf("apply", state, report)).toBe(false);
  });
});
