import type { BuildId, RequestId } from "@sluice/events";
import { describe, expect, test } from "vitest";
import { type JobItem, newWorkspace, type Start, startApply, startWrites, type Workspace } from "../src/index.ts";

const KEY = "apply#1";
const me = "sluice-test-apply-staging:1" as BuildId;
const other = "sluice-test-apply-staging:2" as BuildId;
const start: Start = {
  request: "req_a" as RequestId,
  key: KEY,
  build: me,
  grant: { jti: "jti", plan: { epoch: 3 } },
};

const job = {
  environment: "staging",
  kind: "apply",
  job: "job_a_apply_1",
  version: 2,
  state: { is: "running", build: me, since: 0 },
} as unknown as JobItem;
const turn = { request: "req_a", step: "plan", attempt: 1, cause: "evt_0", since: 0 } as never;
const workspace: Workspace = {
  ...newWorkspace({ environment: "staging", name: "w" } as never),
  epoch: 3,
  holder: turn,
};
const blockedBy = (request: string) => ({ request, step: "apply", attempt: 1, since: 0, sentence: "s" }) as never;
const spentBy = (build: BuildId) =>
  ({ environment: "staging", jti: "jti", request: "req_a", job: KEY, build, at: 0 }) as never;
const jobWith = (change: Partial<JobItem>): JobItem => ({ ...job, ...change });

test("a start moves the job, the epoch and the grant together", () => {
  const after = startApply(job, workspace, undefined, start, 7);

  expect(after).toMatchObject({
    job: { state: { is: "applying", build: me, since: 7 } },
    workspace: { epoch: 4, holder: turn },
    spent: { jti: "jti", request: "req_a", job: KEY, build: me, at: 7 },
  });
  expect(startWrites(job, workspace, after as never)).toMatchObject([
    { is: "job", before: job },
    { is: "workspace", before: workspace },
    { is: "grant", spent: { jti: "jti" } },
  ]);
});

test("a build whose start was not answered finds that it has started", () => {
  const after = jobWith({ state: { is: "applying", build: me, since: 0 } });

  expect(startApply(after, { ...workspace, epoch: 4 }, spentBy(me), start, 7)).toBe("already");
});

test("the block of the request's own interrupted apply is lifted by its next start", () => {
  const started = startApply(job, { ...workspace, blocked: blockedBy("req_a") }, undefined, start, 7);

  expect((started as { workspace: Workspace }).workspace.blocked).toBeUndefined();
});

describe("nothing is started", () => {
  const report = { build: me, outcome: "failed", clean: true, result: {} } as never;
  test.each<[string, JobItem | undefined, Workspace, ReturnType<typeof spentBy> | undefined, string]>([
    ["with a grant that another build has spent", job, workspace, spentBy(other), "grant_spent"],
    ["where no job's item lies", undefined, workspace, undefined, "lease_lost"],
    [
      "by a build whose lease another has",
      jobWith({ state: { is: "running", build: other, since: 0 } }),
      workspace,
      undefined,
      "lease_lost",
    ],
    ["by a build that never took its lease", jobWith({ state: { is: "claimed" } }), workspace, undefined, "lease_lost"],
    ["by a build that has said how it ended", jobWith({ report }), workspace, undefined, "lease_lost"],
    ["of a job that was ended", jobWith({ void: "over" }), workspace, undefined, "lease_lost"],
    ["of a closed request", jobWith({ void: "closed" }), workspace, undefined, "closed"],
    ["beside a newer plan", jobWith({ void: "superseded" }), workspace, undefined, "superseded"],
    ["in a workspace that nobody holds", job, { ...workspace, holder: undefined }, undefined, "workspace_not_held"],
    [
      "in another's workspace",
      job,
      { ...workspace, holder: { ...(turn as object), request: "req_b" } as never },
      undefined,
      "workspace_not_held",
    ],
    [
      "where another's apply was interrupted",
      job,
      { ...workspace, blocked: blockedBy("req_b") },
      undefined,
      "workspace_blocked",
    ],
    ["after something else was applied", job, { ...workspace, epoch: 4 }, undefined, "workspace_changed"],
  ])("%s", (_, judged, where, spent, refusal) => {
    expect(startApply(judged, where, spent, start, 7)).toBe(refusal);
  });
});
