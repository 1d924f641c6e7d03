import { hasApplied, type Job, leaseOf, type RequestItem } from "@sluice/jobs";
import { describe, expect, test } from "vitest";
import { actionsOf, atRest, type Bounds, invariant, type Rules, rules, startOf } from "./apply-model.ts";
import { explore } from "./explore.ts";

const one: Bounds = { requests: ["req_a"], plans: 1, crashes: 2, doubles: 1, withdraw: ["req_a"] };
const again: Bounds = { requests: ["req_a"], plans: 2, crashes: 1, doubles: 0, withdraw: ["req_a"] };
const two: Bounds = { requests: ["req_a", "req_b"], plans: 1, crashes: 1, doubles: 0, withdraw: ["req_a"] };

const run = (bounds: Bounds, weaker: Partial<Rules> = {}) =>
  explore(startOf(bounds), actionsOf(bounds, weaker), invariant, atRest);

describe("whatever the order, and whatever comes twice", () => {
  test.each([
    ["one request, a build that dies, and one that is started twice", one],
    ["a plan made again, beside a gate or an apply", again],
    ["two requests for one workspace, one of them taken back", two],
  ] as const)("%s", (_, bounds) => {
    const { finding, states } = run(bounds);

    expect(finding).toBeUndefined();
    expect(states).toBeGreaterThan(1_000);
  });
});

const open = ({ closed: _, ...item }: RequestItem): RequestItem => item;
const asNewest = (item: RequestItem, key: string): RequestItem => {
  const plan = item.jobs[key]?.plan;
  return plan ? { ...item, attempts: { ...item.attempts, [plan.step]: plan.attempt } } : item;
};
const restored = (item: RequestItem, after: RequestItem): RequestItem => ({
  ...after,
  attempts: item.attempts,
  ...(item.closed && { closed: item.closed }),
});

/** The real start, judging an item or workspace that is not quite the real one. */
const weakerStart =
  (change: (...judged: Parameters<Rules["startApply"]>) => Parameters<Rules["startApply"]>): Rules["startApply"] =>
  (...judged) => {
    const after = rules.startApply(...change(...judged));
    return typeof after === "string" ? after : { ...after, item: restored(judged[0], after.item) };
  };
const weakerLease =
  (change: (item: RequestItem, key: string) => RequestItem): Rules["lease"] =>
  (item, key, build, now) => {
    const after = rules.lease(change(item, key), key, build, now);
    return typeof after === "string" ? after : restored(item, after);
  };

const startThoughClosed = weakerStart((item, ...rest) => [open(item), ...rest]);
const startOfOlderPlan = weakerStart((item, workspace, spent, start, now) => [
  asNewest(item, start.key),
  workspace,
  spent,
  start,
  now,
]);
const startAtAnyEpoch = weakerStart((item, workspace, spent, start, now) => [
  item,
  { ...workspace, epoch: start.grant.plan.epoch },
  spent,
  start,
  now,
]);
const startTwice = weakerStart((item, workspace, _spent, start, now) => [
  item,
  { ...workspace, epoch: start.grant.plan.epoch },
  undefined,
  start,
  now,
]);
const leaseOfOlderPlan = weakerLease(asNewest);
/** A dead build of an apply that had begun is taken for one that had not. */
const reclaimEvenApplying: Partial<Rules> = {
  reconcile(item, key, facts) {
    const job = item.jobs[key];
    const build = job && leaseOf(job);
    const isDead = job?.state.is === "applying" && build && !job.report && !job.end && facts.build === "over";
    return isDead ? { next: "reclaim", from: build } : rules.reconcile(item, key, facts);
  },
  reclaim(item, key, from, now) {
    const job = item.jobs[key];
    if (job?.state.is !== "applying") return rules.reclaim(item, key, from, now);
    return { ...item, jobs: { ...item.jobs, [key]: { ...job, state: { is: "claimed" } } } };
  },
};
const nothingBlocks: Rules["workspaceAfterJob"] = (item, key, workspace, now) => {
  const { blocked: _, ...rest } = rules.workspaceAfterJob(item, key, workspace, now);
  return rules.freedBy(item, rest, now);
};

/** A plan is taken up again as if such an apply had never been asked for. */
const planAgainDespite =
  (overlooked: (apply: Job) => boolean): Rules["claim"] =>
  (item, wanted, now) => {
    if (wanted.job.kind !== "plan") return rules.claim(item, wanted, now);
    const seen = Object.entries(item.jobs).filter(([, job]) => job.kind !== "apply" || !overlooked(job));
    const after = rules.claim({ ...item, jobs: Object.fromEntries(seen) }, wanted, now);
    return typeof after === "string" ? after : { ...after, jobs: { ...item.jobs, ...after.jobs } };
  };

describe("without a guard the model finds what it was for", () => {
  test.each([
    [
      "not closed, in the start",
      one,
      { startApply: startThoughClosed },
      "an apply begins after its request was closed",
    ],
    [
      "only the newest plan, in lease and start",
      again,
      { lease: leaseOfOlderPlan, startApply: startOfOlderPlan },
      "a plan is applied beside a newer one",
    ],
    [
      "the epoch, in the start",
      again,
      { startApply: startAtAnyEpoch },
      "a plan is applied that something later has made void",
    ],
    [
      "the spent grant and the epoch, in the start, where a dead apply is taken up again",
      one,
      { ...reclaimEvenApplying, startApply: startTwice },
      "two terraform apply processes for one grant",
    ],
    [
      "a dead apply is not taken up again",
      two,
      reclaimEvenApplying,
      "an apply begins where another's was left unfinished",
    ],
    [
      "an unfinished apply blocks its workspace",
      two,
      { workspaceAfterJob: nothingBlocks },
      "an apply begins where another's was left unfinished",
    ],
    [
      "too late to close",
      one,
      { close: (item, cause, at) => (item.closed ? item : { ...item, closed: { why: "closing", cause, at } }) },
      "an apply begins after its request was closed",
    ],
    [
      "no plan again beside an apply",
      again,
      { claim: planAgainDespite(() => true) },
      "a plan is applied beside a newer one",
    ],
    [
      "no plan again once it was applied",
      again,
      { claim: planAgainDespite(hasApplied) },
      "an apply begins after its request was closed",
    ],
    [
      "a pause that is told late frees nothing",
      again,
      { isFreedByPause: () => true },
      "an apply begins in a workspace that the request does not hold",
    ],
    ["closed only when quiet", one, { isQuiet: () => true }, "withdrawn beside a build at work"],
    ["an end goes on to the next in line", two, { freedBy: (_item, workspace) => workspace }, "a closed request"],
  ] as readonly (readonly [string, Bounds, Partial<Rules>, string])[])("%s", (_, bounds, weaker, broken) => {
    const { finding } = run(bounds, weaker);

    expect(finding?.broken).toContain(broken);
    expect(finding?.path.length).toBeGreaterThan(2);
  });
});
