import type { BuildId } from "@sluice/events";
import { describe, expect, test } from "vitest";
import {
  type Job,
  newRequestItem,
  newWorkspace,
  type RequestItem,
  type Start,
  startApply,
  type Workspace,
} from "../src/index.ts";

const KEY = "apply#1";
const me = "sluice-test-apply-staging:1" as BuildId;
const other = "sluice-test-apply-staging:2" as BuildId;
const start: Start = { key: KEY, build: me, grant: { jti: "jti", plan: { step: "plan", attempt: 1, epoch: 3 } } };

const job = {
  kind: "apply",
  cause: "evt_1",
  claimedAt: 0,
  state: { is: "running", build: me, since: 0 },
  starts: [{ build: me }],
  plan: { step: "plan", attempt: 1 },
} as unknown as Job;
const item: RequestItem = {
  ...newRequestItem({ request: "req_a", environment: "staging", workspace: "w" } as never),
  digest: "d" as never,
  attempts: { plan: 1, apply: 1 },
  jobs: { [KEY]: job },
};
const turn = { request: "req_a", step: "plan", attempt: 1, cause: "evt_0", since: 0 } as never;
const workspace: Workspace = {
  ...newWorkspace({ environment: "staging", name: "w" } as never),
  epoch: 3,
  holder: turn,
};
const blockedBy = (request: string) => ({ request, step: "apply", attempt: 1, since: 0, sentence: "s" }) as never;
const spentBy = (build: BuildId) =>
  ({ environment: "staging", jti: "jti", request: "req_a", job: KEY, build, at: 0 }) as never;
const withJob = (change: Partial<Job>) => ({ ...item, jobs: { [KEY]: { ...job, ...change } } });

test("a start moves the job, the epoch and the grant together", () => {
  expect(startApply(item, workspace, undefined, start, 7)).toMatchObject({
    item: { jobs: { [KEY]: { state: { is: "applying", build: me, since: 7 } } } },
    workspace: { epoch: 4, holder: turn },
    spent: { jti: "jti", request: "req_a", job: KEY, build: me, at: 7 },
  });
});

test("a build whose start was not answered finds that it has started", () => {
  const after = withJob({ state: { is: "applying", build: me, since: 0 } });

  expect(startApply(after, { ...workspace, epoch: 4 }, spentBy(me), start, 7)).toBe("already");
});

test("the block of the request's own interrupted apply is lifted by its next start", () => {
  const started = startApply(item, { ...workspace, blocked: blockedBy("req_a") }, undefined, start, 7);

  expect((started as { workspace: Workspace }).workspace.blocked).toBeUndefined();
});

describe("nothing is started", () => {
  const closed = { why: "closing", cause: "evt_2", at: 0 } as never;
  test.each<[string, RequestItem, Workspace, ReturnType<typeof spentBy> | undefined, string]>([
    ["with a grant that another build has spent", item, workspace, spentBy(other), "grant_spent"],
    [
      "by a build whose lease another has",
      withJob({ state: { is: "running", build: other, since: 0 } }),
      workspace,
      undefined,
      "lease_lost",
    ],
    ["by a build that never took its lease", withJob({ state: { is: "claimed" } }), workspace, undefined, "lease_lost"],
    ["of a job that was ended", withJob({ end: "interrupted" }), workspace, undefined, "lease_lost"],
    ["of a closed request", { ...item, closed }, workspace, undefined, "closed"],
    ["beside a newer plan", { ...item, attempts: { plan: 2 } }, workspace, undefined, "superseded"],
    [
      "for another plan than the job's",
      withJob({ plan: { step: "plan" as never, attempt: 2 } }),
      workspace,
      undefined,
      "superseded",
    ],
    ["in a workspace that nobody holds", item, { ...workspace, holder: undefined }, undefined, "workspace_not_held"],
    [
      "in another's workspace",
      item,
      { ...workspace, holder: { ...(turn as object), request: "req_b" } as never },
      undefined,
      "workspace_not_held",
    ],
    [
      "where another's apply was interrupted",
      item,
      { ...workspace, blocked: blockedBy("req_b") },
      undefined,
      "workspace_blocked",
    ],
    ["after something else was applied", item, { ...workspace, epoch: 4 }, undefined, "workspace_changed"],
  ])("%s", (_, judged, where, spent, refusal) => {
    expect(startApply(judged, where, spent, start, 7)).toBe(refusal);
  });
});
