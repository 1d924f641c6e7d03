import { type BuildId, type EventId, stepKinds } from "@sluice/events";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  countStart,
  end,
  endWrites,
  hasApplied,
  isQuiet,
  type Job,
  type JobFacts,
  type JobItem,
  JobKind,
  type JobRef,
  lease,
  leaseOf,
  newJobItem,
  newRequestItem,
  type RequestItem,
  reclaim,
  reconcile,
  recordStart,
  renew,
  report,
} from "../src/index.ts";

const KEY = "apply#1";
const b = (name: string) => `sluice-test-apply-staging:${name}` as BuildId;
const said = (build: BuildId, outcome: "completed" | "failed" = "completed") =>
  ({ build, outcome, clean: true, result: { key: "r", versionId: "v", sha256: "s" } }) as never;
const ref = { environment: "staging", kind: "apply", job: "job_a_apply_1" } as JobRef;

function itemWith(job: Partial<Job> = {}): RequestItem {
  const claimed: Job = {
    kind: "apply",
    cause: "evt_1" as EventId,
    claimedAt: 0,
    starts: [],
    plan: { step: "plan" as never, attempt: 1 },
    ...job,
  };
  const where = { request: "req_a", environment: "staging", workspace: "w" } as never;
  return { ...newRequestItem(where), digest: "d" as never, attempts: { plan: 1 }, jobs: { [KEY]: claimed } };
}
const own = (change: Partial<JobItem> = {}): JobItem => ({ ...newJobItem(ref), ...change });
const running = { is: "running", build: b("1"), since: 0 } as const;
const applying = { is: "applying", build: b("1"), since: 0 } as const;
const closed = { why: "closing", cause: "evt_2" as EventId, at: 0 } as const;

describe("what a build that is over means", () => {
  const started = [{ build: b("1") }];
  test.each<[string, Partial<Job>, Partial<JobItem>, JobFacts, object]>([
    ["claimed, nothing started yet", {}, {}, {}, { next: "count" }],
    ["claimed, an answer was lost", { starts: [{}] }, {}, {}, { next: "start", number: 1 }],
    ["claimed, its build is on its way", { starts: started }, {}, { build: "alive" }, { next: "wait" }],
    ["claimed, its build is over", { starts: started }, {}, { build: "over" }, { next: "count" }],
    ["claimed, CodeBuild refused", { starts: [{ refused: "InvalidInputException" }] }, {}, {}, { next: "count" }],
    [
      "claimed, three builds over",
      { starts: [{ build: b("1") }, { build: b("2") }, { build: b("3") }] },
      {},
      { build: "over" },
      { next: "end", end: "could_not_start" },
    ],
    [
      "claimed, the buildspec refused",
      { starts: started },
      {},
      { build: "over", refused: true },
      { next: "end", end: "refused" },
    ],
    [
      "claimed, made void by nobody who may",
      { starts: started },
      { void: "closed" },
      { build: "alive" },
      { next: "end", end: "could_not_start" },
    ],
    ["running, a report", {}, { state: running, report: said(b("1")) }, {}, { next: "end", end: "reported" }],
    ["running, at work", {}, { state: running }, { build: "alive" }, { next: "wait" }],
    ["running, no report", {}, { state: running }, { build: "over" }, { next: "reclaim", from: b("1") }],
    [
      "running, no report, of a configuration",
      { kind: "configuration" },
      { state: running },
      { build: "over" },
      { next: "end", end: "interrupted" },
    ],
    ["applying, a report", {}, { state: applying, report: said(b("1")) }, {}, { next: "end", end: "reported" }],
    ["applying, no report", {}, { state: applying }, { build: "over" }, { next: "end", end: "interrupted" }],
    ["applying, at work", {}, { state: applying }, { build: "alive" }, { next: "wait" }],
    ["an end", { end: "reported" }, {}, { build: "over" }, { next: "wait" }],
  ])("%s", (_, job, item, facts, decision) => {
    expect(reconcile(itemWith(job), KEY, own(item), facts)).toEqual(decision);
  });

  test.each(JobKind.options)("running, no report, of a kind (%s): started again as its contract says", (kind) => {
    const decision = reconcile(itemWith({ kind }), KEY, own({ kind, state: running }), { build: "over" });

    expect(decision.next).toBe(stepKinds[kind].repeats === "by itself" ? "reclaim" : "end");
  });

  test("claimed, of a closed request: nothing is started and nothing is owed", () => {
    expect(reconcile({ ...itemWith(), closed }, KEY, own({ void: "closed" }), {})).toEqual({
      next: "end",
      end: "dropped",
    });
  });

  test("claimed, of an apply whose plan was made again", () => {
    const item = { ...itemWith(), attempts: { plan: 2 } };

    expect(reconcile(item, KEY, own({ void: "superseded" }), {})).toEqual({ next: "end", end: "dropped" });
  });
});

describe("where a job's own item is none", () => {
  test("an apply is taken for interrupted, and nobody knows what it did", () => {
    const item = itemWith();

    expect(reconcile(item, KEY, undefined, {})).toEqual({ next: "end", end: "interrupted" });
    expect(end(item, KEY, "interrupted", {}, 0).jobs[KEY]?.applied).toEqual({ clean: false });
  });

  test("any other is put anew, which counts as a start, three in all", () => {
    let item = itemWith({ kind: "plan" });
    for (let times = 1; times <= 3; times += 1) {
      expect(reconcile(item, KEY, undefined, {})).toEqual({ next: "renew" });
      const made = renew(item, KEY, ref, 0);
      item = made.item;
      expect(item.jobs[KEY]?.starts).toHaveLength(times);
      expect(made.said).toMatchObject({ state: { is: "claimed" } });
    }

    expect(reconcile(item, KEY, undefined, {})).toEqual({ next: "end", end: "could_not_start" });
  });

  test("nothing is put anew for a closed request", () => {
    expect(reconcile({ ...itemWith({ kind: "plan" }), closed }, KEY, undefined, {})).toEqual({
      next: "end",
      end: "dropped",
    });
  });
});

test("a lease is not taken from another build than the one that was found dead", () => {
  const item = itemWith({ starts: [{ build: b("1") }] });

  expect(reclaim(item, KEY, own({ state: running }), b("2"), 0)).toBeUndefined();
  expect(reclaim(item, KEY, own({ state: running, report: said(b("1")) }), b("1"), 0)).toBeUndefined();
  expect(reclaim(item, KEY, own({ state: applying }), b("1"), 0)).toBeUndefined();
  expect(reclaim(item, KEY, own({ state: running }), b("1"), 0)?.said.state).toEqual({ is: "claimed" });
});

describe("what an apply's end says that it did", () => {
  const clean = own({ state: applying, report: said(b("1")) });
  test.each<[string, Parameters<typeof end>[2], JobItem, boolean, Job["applied"]]>([
    ["it was let go, spent its grant and ended cleanly", "reported", clean, true, { build: b("1"), clean: true }],
    ["it says so and has spent no grant", "reported", clean, false, { build: b("1"), clean: false }],
    ["it was let go and died", "interrupted", own({ state: applying }), true, { build: b("1"), clean: false }],
    [
      "it was let go and failed",
      "reported",
      own({ state: applying, report: said(b("1"), "failed") }),
      true,
      { build: b("1"), clean: false },
    ],
    ["it was never let go", "reported", own({ state: running, report: said(b("1")) }), true, undefined],
    ["it was dropped", "dropped", own(), false, undefined],
  ])("%s", (_, how, item, spent, applied) => {
    expect(end(itemWith(), KEY, how, { said: item, spent }, 0).jobs[KEY]?.applied).toEqual(applied);
  });

  test("no other kind has applied anything, whatever is said of it", () => {
    const ended = end(itemWith({ kind: "plan" }), KEY, "reported", { said: clean, spent: true }, 0);

    expect(hasApplied(ended.jobs[KEY] as Job)).toBe(false);
    expect(ended.jobs[KEY]?.applied).toBeUndefined();
  });
});

/** Everything that anybody may do with a job, in any order and any number of times: both of its items. */
type Both = Readonly<{ item: RequestItem; own: JobItem }>;
type Act = (both: Both) => Both;
const builds = ["1", "2", "3"].map(b);
const ofOwn =
  (act: (own: JobItem) => JobItem | string): Act =>
  (both) => {
    const after = act(both.own);
    return typeof after === "string" ? both : { ...both, own: after };
  };
const ofRequest =
  (act: (item: RequestItem) => RequestItem): Act =>
  (both) => ({ ...both, item: act(both.item) });
const ended: Act = ({ item, own: item2 }) => {
  const after = end(item, KEY, "reported", { said: item2, spent: true }, 0);
  if (after === item) return { item, own: item2 };
  const [, job] = endWrites(item, after, item2, ref);
  return { item: after, own: job?.is === "job" ? job.after : item2 };
};
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.constantFrom(...builds).map((build) => ofOwn((item) => lease(item, build, 0))),
  fc.constantFrom(...builds).map((build) => ofOwn((item) => report(item, said(build)))),
  fc.constantFrom(...builds).map(
    (build): Act =>
      (both) => {
        const after = reclaim(both.item, KEY, both.own, build, 0);
        return after ? { item: after.item, own: after.said } : both;
      },
  ),
  fc.integer({ min: 0, max: 4 }).map((seen) => ofRequest((item) => countStart(item, KEY, seen, 0))),
  fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(...builds))
    .map(([number, build]) => ofRequest((item) => recordStart(item, KEY, number, { build }, 0))),
  fc.constant(ended),
);
const begun = (): Both => ({ item: itemWith(), own: own() });
const jobOf = ({ item }: Both): Job => item.jobs[KEY] as Job;

describe("whatever anybody does, in any order", () => {
  const each = (check: (before: Both, after: Both) => void) =>
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
        let both = begun();
        for (const next of acts) {
          const before = both;
          both = next(both);
          check(before, both);
        }
      }),
    );

  test("at most three starts are counted, and each keeps its first answer", () => {
    each((before, after) => {
      expect(jobOf(after).starts.length).toBeLessThanOrEqual(3);
      for (const [index, start] of jobOf(before).starts.entries())
        if (start.build) expect(jobOf(after).starts[index]?.build).toBe(start.build);
    });
  });

  test("a report and an end are final, and only the lease's holder reported", () => {
    each((before, after) => {
      if (before.own.report) expect(after.own.report).toBe(before.own.report);
      if (jobOf(before).end) expect(after).toEqual(before);
      if (after.own.report) expect(leaseOf(after.own)).toBe(after.own.report.build);
    });
  });

  test("a request is due while a job of it has no end, and no longer", () => {
    each((_, { item }) => {
      if (isQuiet(item)) expect(item.dueAt).toBeUndefined();
    });
  });

  test("doing anything twice in a row is doing it once", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 20 }), act, (acts, last) => {
        const once = last(acts.reduce((both, each) => each(both), begun()));

        expect(last(once)).toEqual(once);
      }),
    );
  });
});
