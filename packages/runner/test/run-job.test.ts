import { describe, expect, it } from "vitest";
import { JobFailure } from "../src/job-failure.ts";
import { words } from "../src/masking/words.ts";
import { type Done, type Result, runJob } from "../src/run-job.ts";

function desk(work: () => Promise<Done>, refused?: "closed") {
  const did: string[] = [];
  const results: Result[] = [];
  return {
    did,
    results,
    ports: {
      lease: async () => {
        did.push("lease");
        return refused ?? { job: "mine" };
      },
      work: () => {
        did.push("work");
        return work();
      },
      report: async (result: Result) => {
        did.push("report");
        results.push(result);
      },
      tellEnded: async () => {
        did.push("told");
      },
      seconds: () => 3,
    },
  };
}

it("takes the lease before it works, and tells its end after its report", async () => {
  const { ports, did, results } = desk(async () => ({ clean: true, output: { ok: 1 } }));

  await runJob(ports);

  expect(did).toEqual(["lease", "work", "report", "told"]);
  expect(results).toEqual([{ outcome: "completed", output: { ok: 1 }, seconds: 3 }]);
});

it("does nothing without the lease, and says why", async () => {
  const { ports, did } = desk(async () => ({ clean: true, output: {} }), "closed");

  expect(await runJob(ports)).toEqual({ superseded: "closed" });
  expect(did).toEqual(["lease"]);
});

describe("what goes wrong", () => {
  it("before anything was changed is a clean failure", async () => {
    const { ports, results } = desk(() =>
      Promise.reject(new JobFailure("state_locked", words`It is locked.`, { repeatable: true })),
    );

    await runJob(ports);

    expect(results).toMatchObject([{ outcome: "failed", code: "state_locked", repeatable: true, clean: true }]);
  });

  it("after an apply began is not", async () => {
    const { ports, results } = desk(async () => ({
      clean: false,
      code: "apply_stopped",
      sentence: words`Apply stopped.`,
    }));

    await runJob(ports);

    expect(results).toMatchObject([{ outcome: "failed", code: "apply_stopped", clean: false }]);
  });

  it("in the build itself leaves no report", async () => {
    const { ports, did } = desk(() => Promise.reject(new Error("no disk")));

    await expect(runJob(ports)).rejects.toThrow("no disk");
    expect(did).toEqual(["lease", "work"]);
  });
});
