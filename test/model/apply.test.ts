import { type Change, hasApplied, type JobItem, leaseOf, type RequestItem } from "@sluice/jobs";
import { describe, expect, test } from "vitest";
import { actionsOf, type Bounds, invariant, type Rules, rules, startOf, unfinished } from "./apply-model.ts";
import { explore } from "./explore.ts";

const [A, B] = ["req_aaaaaaaa", "req_bbbbbbbb"];
const one: Bounds = { requests: [A], plans: 1, crashes: 1, doubles: 1, withdraw: [A] };
const again: Bounds = { requests: [A], plans: 2, crashes: 1, doubles: 0, withdraw: [A] };
const two: Bounds = { requests: [A, B], plans: 1, crashes: 1, doubles: 0, withdraw: [A] };
const whole: Bounds = { requests: [A], plans: 1, crashes: 1, doubles: 0, withdraw: [A], wholePlans: true };
const wholeAgain: Bounds = { requests: [A], plans: 2, crashes: 0, doubles: 0, withdraw: [A], wholePlans: true };
const liar: Bounds = { requests: [A], plans: 1, crashes: 0, doubles: 0, withdraw: [A], lies: 1, wholePlans: true };

const TAKES_MS = process.env.FAULTS === "all" ? 900_000 : 60_000;
/** Minutes: `npm run faults`. */
const larger: [string, Bounds][] = [
  ["two requests, both of which may be taken back", { ...two, withdraw: [A, B] }],
  ["two requests whose plans go their whole way", { ...two, crashes: 0, wholePlans: true }],
  ["one request, builds that die twice, and one that is started twice", { ...one, crashes: 2 }],
  ["builds that plan, which die twice, and one that is started twice", { ...whole, crashes: 2, doubles: 1 }],
  ["a build that lies twice, beside a closing", { ...liar, lies: 2 }],
  ["a build that lies, beside a plan made again", { ...liar, withdraw: [], plans: 2 }],
  ["a build that lies, beside another request", { ...liar, requests: [A, B], withdraw: [] }],
];

const run = (bounds: Bounds, weaker: Partial<Rules> = {}) =>
  explore(startOf(bounds), actionsOf(bounds, weaker), invariant, unfinished);

describe("whatever the order, whatever comes twice, and whatever a plan's build writes", () => {
  test.each([
    ["one request, a build that dies, and one that is started twice", one],
    ["a plan made again, beside a gate or an apply", again],
    ["two requests for one workspace, one of them taken back", two],
    ["builds that plan, one of which dies, beside a closing", whole],
    ["builds that plan, a plan made again, and a closing", wholeAgain],
    ["a plan's build that writes what it likes into its kind's items, beside a closing", liar],
    ...(process.env.FAULTS === "all" ? larger : []),
  ] as [string, Bounds][])(
    "%s",
    (_, bounds) => {
      const { finding, states } = run(bounds);

      expect(finding).toBeUndefined();
      expect(states).toBeGreaterThan(1_000);
    },
    TAKES_MS,
  );
});

type Written = Extract<Change, { is: "job" }>;
const ofJob = (change: Change): change is Written => change.is === "job";
const without = (leftOut: (change: Written) => boolean) => (changes: readonly Change[]) =>
  changes.filter((change) => !ofJob(change) || !leftOut(change));
/** Writes a job's own item though somebody has written it in between. */
const unconditional =
  (which: (job: Written, all: readonly Change[]) => boolean): Rules["conditionsOf"] =>
  (changes) =>
    rules.conditionsOf(changes.filter((change) => !ofJob(change) || !which(change, changes)));
const isStart = (changes: readonly Change[]) => changes.some(({ is }) => is === "grant");

const sound = (item: JobItem | undefined): JobItem | undefined => {
  const { void: _, ...rest } = item ?? ({} as JobItem);
  return item && rest;
};
/** The real start, judging items that are not quite the real ones. */
const weakerStart =
  (change: (...judged: Parameters<Rules["startApply"]>) => Parameters<Rules["startApply"]>): Rules["startApply"] =>
  (...judged) =>
    rules.startApply(...change(...judged));
const leaseThoughVoid: Rules["lease"] = (item, build, now) => rules.lease(sound(item), build, now);
const startThoughVoid = weakerStart((job, ...rest) => [sound(job), ...rest]);
const startAtAnyEpoch = weakerStart((job, workspace, spent, start, now) => [
  job,
  { ...workspace, epoch: start.grant.plan.epoch },
  spent,
  start,
  now,
]);
const startTwice = weakerStart((job, workspace, _spent, start, now) => [
  job,
  { ...workspace, epoch: start.grant.plan.epoch },
  undefined,
  start,
  now,
]);
const startThoughBlocked = weakerStart((job, { blocked: _, ...workspace }, ...rest) => [job, workspace, ...rest]);
const startInAnybodys = weakerStart((job, workspace, spent, start, now) => {
  const holder = { ...workspace.holder, request: start.request } as typeof workspace.holder;
  return [job, { ...workspace, holder }, spent, start, now];
});
/** A dead build of an apply that had begun is taken for one that had not. */
const reclaimEvenApplying: Partial<Rules> = {
  reconcile(item, key, own, facts) {
    const build = own && leaseOf(own);
    const isDead = own?.state.is === "applying" && build && !own.report && facts.build === "over";
    return isDead ? { next: "reclaim", from: build } : rules.reconcile(item, key, own, facts);
  },
  reclaim: (item, key, own, from, now) =>
    own.state.is === "applying"
      ? { item, said: { ...own, state: { is: "claimed" } } }
      : rules.reclaim(item, key, own, from, now),
};
const nothingBlocks: Rules["workspaceAfterJob"] = (item, key, lease, workspace, now) => {
  const { blocked: _, ...rest } = rules.workspaceAfterJob(item, key, lease, workspace, now);
  return rules.workspaceOfClosed(item, rest).after ?? rest;
};
const leaveThoughBlocked: Partial<Rules> = {
  leave: ({ blocked, ...workspace }, request) => ({ ...rules.leave(workspace, request), ...(blocked && { blocked }) }),
  workspaceAfterJob(item, key, lease, workspace, now) {
    const { blocked, ...rest } = rules.workspaceAfterJob(item, key, lease, workspace, now);
    return { ...(rules.workspaceOfClosed(item, rest).after ?? rest), ...(blocked && { blocked }) };
  },
  workspaceOfClosed(item, workspace) {
    const { blocked, ...rest } = workspace ?? ({} as never as NonNullable<typeof workspace>);
    const { after } = rules.workspaceOfClosed(item, rest);
    return { before: workspace, after: after && { ...after, ...(blocked && { blocked }) } };
  },
};
const asNewest = (item: RequestItem, key: string): RequestItem => {
  const plan = item.jobs[key]?.plan;
  return plan ? { ...item, attempts: { ...item.attempts, [plan.step]: plan.attempt } } : item;
};
const claimOfOlderPlan: Rules["claim"] = (item, wanted, applies, now) => {
  const { plan } = wanted.job;
  const seen = plan ? { ...item, attempts: { ...item.attempts, [plan.step]: plan.attempt } } : item;
  const after = rules.claim(seen, wanted, applies, now);
  return typeof after === "string" || !plan
    ? after
    : { ...after, attempts: { ...after.attempts, [plan.step]: item.attempts[plan.step] ?? 0 } };
};

describe("without a guard the model finds what it was for", () => {
  test.each([
    ["no start of a void job", one, { startApply: startThoughVoid }, "starts after its request was closed"],
    [
      "no lease and no start of a void job, by a newer plan",
      { ...again, withdraw: [] },
      { lease: leaseThoughVoid, startApply: startThoughVoid },
      "starts beside a newer plan",
    ],
    [
      "the start is conditional on the job's item",
      one,
      { conditionsOf: unconditional((_, all) => isStart(all)) },
      "starts after its request was closed",
    ],
    ["the epoch, in the start", again, { startApply: startAtAnyEpoch }, "that something later has made void"],
    [
      "the spent grant and the epoch, in the start, where a dead apply is taken up again",
      one,
      { ...reclaimEvenApplying, startApply: startTwice },
      "two terraform apply processes for one grant",
    ],
    ["a dead apply is not taken up again", two, reclaimEvenApplying, "where another's was left unfinished"],
    ["an unfinished apply blocks its workspace", two, { workspaceAfterJob: nothingBlocks }, "left unfinished"],
    [
      "a blocked workspace stays with its holder, and nobody else starts in it",
      two,
      { ...leaveThoughBlocked, startApply: startThoughBlocked },
      "where another's was left unfinished",
    ],
    [
      "a closing makes the open applies void",
      one,
      { closed: (...made) => without(() => true)(rules.closed(...made)) },
      "starts after its request was closed",
    ],
    [
      "a closing is conditional on the applies' items",
      one,
      { conditionsOf: unconditional((job) => job.after.void === "closed") },
      "an apply begins after its request was closed",
    ],
    [
      "too late to close, once it applies",
      one,
      { close: (item, cause, _applies, now) => rules.close(item, cause, new Map(), now) },
      "an apply begins after its request was closed",
    ],
    [
      "too late to close, once it was applied",
      one,
      { close: (item, cause, applies, now) => rules.close({ ...item, jobs: {} }, cause, applies, now) },
      "withdrawn",
    ],
    ["a refused closing stays refused", one, { refused: () => [] }, "a closing was refused and done"],
    ["closed only when each job has its end", one, { isQuiet: () => true }, "withdrawn beside a build at work"],
    [
      "an end goes on to the next in line",
      two,
      { workspaceOfClosed: (_item, workspace) => ({ before: workspace, after: workspace }) },
      "a request that has ended keeps its workspace",
    ],
    [
      "a plan again makes the older applies void",
      again,
      { planClaimed: (...made) => without(({ after }) => after.void === "superseded")(rules.planClaimed(...made)) },
      "beside a newer plan",
    ],
    [
      "a plan again is conditional on the older applies' items",
      wholeAgain,
      { conditionsOf: unconditional((job) => job.after.void === "superseded") },
      "beside a",
    ],
    [
      "no plan again beside an apply",
      again,
      { claim: (item, wanted, _applies, now) => rules.claim(item, wanted, new Map(), now) },
      "beside a newer",
    ],
    [
      "no plan again once it was applied",
      again,
      {
        claim(item, wanted, applies, now) {
          const jobs = Object.entries(item.jobs).filter(([, job]) => wanted.job.kind !== "plan" || !hasApplied(job));
          const after = rules.claim({ ...item, jobs: Object.fromEntries(jobs) }, wanted, applies, now);
          return typeof after === "string" ? after : { ...after, jobs: { ...item.jobs, ...after.jobs } };
        },
      },
      "an apply starts beside a newer plan",
    ],
    [
      "only the newest plan, in the claim and in what is settled",
      again,
      {
        claim: claimOfOlderPlan,
        reconcile: (item, key, own, facts) => rules.reconcile(asNewest(item, key), key, own, facts),
      },
      "beside a newer plan",
    ],
    [
      "a pause that is told late frees nothing, and nobody starts in a workspace of another",
      again,
      { isFreedByPause: () => true, startApply: startInAnybodys },
      "in a workspace that the request does not hold",
    ],
    [
      "one lease a job",
      one,
      { lease: (item, build, now) => rules.lease(item && { ...item, state: { is: "claimed" } }, build, now) },
      "an apply begins after its request was closed",
    ],
    ["no lease of a void job", whole, { lease: leaseThoughVoid }, "withdrawn beside a build at work"],
    [
      "an end makes the job void",
      whole,
      { endWrites: (...made) => without(() => true)(rules.endWrites(...made)) },
      "withdrawn beside a build at work",
    ],
    [
      "an end is conditional on the job's item",
      whole,
      { conditionsOf: unconditional((job) => job.after.void === "over") },
      "withdrawn beside a build at work",
    ],
    [
      "what does not parse is put anew",
      { ...liar, withdraw: [] },
      {
        reconcile: (item, key, own, facts) => (own ? rules.reconcile(item, key, own, facts) : { next: "wait" }),
      },
      "unfinished",
    ],
    [
      "only an apply is applying",
      liar,
      {
        readItem: (raw) => (raw && "state" in raw ? raw : undefined),
        end: (item, key, how, facts, now) => {
          const after = rules.end(item, key, how, facts, now);
          const job = after.jobs[key];
          if (!job || facts.said?.state.is !== "applying") return after;
          return { ...after, jobs: { ...after.jobs, [key]: { ...job, applied: { clean: false } } } };
        },
        workspaceAfterJob: (item, key, lease, workspace, now) => {
          const job = item.jobs[key];
          const asApply = job && { ...item, jobs: { ...item.jobs, [key]: { ...job, kind: "apply" as const } } };
          return rules.workspaceAfterJob(asApply ?? item, key, lease, workspace, now);
        },
      },
      "a workspace is blocked by whom no apply began",
    ],
    [
      "a closing does not depend on what builds that plan may write",
      liar,
      {
        conditionsOf: (changes) => [
          ...rules.conditionsOf(changes),
          ...(changes.some((change) => change.is === "request" && change.after.closed && !change.before?.closed)
            ? [`job job_${A.slice(4)}_plan_1`]
            : []),
        ],
      },
      "a build's write made a closing lose",
    ],
  ] as readonly (readonly [string, Bounds, Partial<Rules>, string])[])("%s", (_, bounds, weaker, broken) => {
    const { finding } = run(bounds, weaker);

    expect(finding?.broken).toContain(broken);
    expect(finding?.path.length).toBeGreaterThan(2);
  });
});
