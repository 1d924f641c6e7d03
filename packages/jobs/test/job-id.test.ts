import { expect, test } from "vitest";
import { jobIdOf, jobKey, stepOfJob, stepOfKey } from "../src/index.ts";

test("a job's id names its request, step and attempt, also with hyphens in the step", () => {
  const ref = { request: "req_7k3m9qx2", step: "plan-network", attempt: 12 };

  expect(jobIdOf(ref)).toBe("job_7k3m9qx2_plan-network_12");
  expect(stepOfJob(jobIdOf(ref))).toEqual(ref);
  expect(stepOfKey(jobKey(ref))).toEqual({ step: "plan-network", attempt: 12 });
});
