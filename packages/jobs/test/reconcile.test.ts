import { type BuildId, type EventId, stepKinds } from "@sluice/events";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  countStart,
  end,
  type Job,
  type JobFacts,
  JobKind,
  lease,
  newRequestItem,
  type RequestItem,
  reclaim,
  reconcile,
  recordStart,
  report,
} from "../src/index.ts";

const KEY = "apply#1";
const b = (name: string) => `sluice-test-apply-staging:${name}` as BuildId;
const said = (build: BuildId, outcome: "completed" | "failed" = "completed") =>
  ({ build, outcome, clean: true, result: { key: "r", versionId: "v", sha256: "s" } }) as never;

function itemWith(job: Partial<Job> = {}): RequestItem {
  const claimed: Job = {
    kind: "apply",
    cause: "evt_1" as EventId,
    claimedAt: 0,
    state: { is: "claimed" },
    starts: [],
    plan: { step: "plan" as never, attempt: 1 },
    ...job,
  };
  const where = { request: "req_a", environment: "staging", workspace: "w" } as never;
  return { ...newRequestItem(where), digest: "d" as never, attempts: { plan: 1 }, jobs: { [KEY]: claimed } };
}
const running = { is: "running", build: b("1"), since: 0 } as const;
const applying = { is: "applying", build: b("1"), since: 0 } as const;

describe("what a build that is over means (design §7.6)", () => {
  const started = [{ build: b("1") }];
  test.each<[string, Partial<Job>, JobFacts, object]>([
    ["claimed, nothing started yet", {}, {}, { next: "count" }],
    ["claimed, an answer was lost", { starts: [{}] }, {}, { next: "start", number: 1 }],
    ["claimed, its build is on its way", { starts: started }, { build: "alive" }, { next: "wait" }],
    ["claimed, its build is over", { starts: started }, { build: "over" }, { next: "count" }],
    ["claimed, CodeBuild refused", { starts: [{ refused: "InvalidInputException" }] }, {}, { next: "count" }],
    [
      "claimed, three builds over",
      { starts: [{ build: b("1") }, { build: b("2") }, { build: b("3") }] },
      { build: "over" },
      { next: "end", end: "could_not_start" },
    ],
    [
      "claimed, the buildspec refused",
      { starts: started },
      { build: "over", refused: true },
      { next: "end", end: "refused" },
    ],
    ["running, a report", { state: running, report: said(b("1")) }, {}, { next: "end", end: "reported" }],
    ["running, at work", { state: running }, { build: "alive" }, { next: "wait" }],
    ["running, no report", { state: running }, { build: "over" }, { next: "reclaim", from: b("1") }],
    [
      "running, no report, of a configuration",
      { kind: "configuration", state: running },
      { build: "over" },
      { next: "end", end: "interrupted" },
    ],
    ["applying, a report", { state: applying, report: said(b("1")) }, {}, { next: "end", end: "reported" }],
    ["applying, no report", { state: applying }, { build: "over" }, { next: "end", end: "interrupted" }],
    ["applying, at work", { state: applying }, { build: "alive" }, { next: "wait" }],
    ["an end", { end: "reported" }, { build: "over" }, { next: "wait" }],
  ])("%s", (_, job, facts, decision) => {
    expect(reconcile(itemWith(job), KEY, facts)).toEqual(decision);
  });

  test.each(JobKind.options)("running, no report, of a kind (%s): started again as its contract says", (kind) => {
    const decision = reconcile(itemWith({ kind, state: running }), KEY, { build: "over" });

    expect(decision.next).toBe(stepKinds[kind].repeats === "by itself" ? "reclaim" : "end");
  });

  test("claimed, of a closed request: nothing is started and nothing is owed", () => {
    const closed = { ...itemWith(), closed: { why: "closing", cause: "evt_2" as EventId, at: 0 } } as const;

    expect(reconcile(closed, KEY, {})).toEqual({ next: "end", end: "dropped" });
  });

  test("claimed, of an apply whose plan was made again", () => {
    expect(reconcile({ ...itemWith(), attempts: { plan: 2 } }, KEY, {})).toEqual({ next: "end", end: "dropped" });
  });
});

test("a lease is not taken from another build than the one that was found dead", () => {
  const item = itemWith({ state: running, starts: [{ build: b("1") }] });

  expect(reclaim(item, KEY, b("2"), 0)).toBe(item);
  expect(reclaim(item, KEY, b("1"), 0).jobs[KEY]?.state).toEqual({ is: "claimed" });
});

/** Everything that anybody may do with a job, in any order and any number of times. */
type Act = (item: RequestItem) => RequestItem;
const builds = ["1", "2", "3"].map(b);
const kept =
  (act: (item: RequestItem) => RequestItem | string): Act =>
  (item) => {
    const after = act(item);
    return typeof after === "string" ? item : after;
  };
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.constantFrom(...builds).map((build) => kept((item) => lease(item, KEY, build, 0))),
  fc.constantFrom(...builds).map((build) => kept((item) => report(item, KEY, said(build), 0))),
  fc.constantFrom(...builds).map((build) => kept((item) => reclaim(item, KEY, build, 0))),
  fc.integer({ min: 0, max: 4 }).map((seen) => kept((item) => countStart(item, KEY, seen, 0))),
  fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(...builds))
    .map(([number, build]) => kept((item) => recordStart(item, KEY, number, { build }, 0))),
  fc.constant<Act>((item) => end(item, KEY, "reported", 0)),
);
const jobOf = (item: RequestItem): Job => item.jobs[KEY] as Job;

describe("whatever anybody does, in any order", () => {
  test("at most three starts are counted, and each keeps its first answer", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
        let item = itemWith();
        for (const each of acts) {
          const before = jobOf(item).starts;
          item = each(item);
          const after = jobOf(item).starts;
          expect(after.length).toBeLessThanOrEqual(3);
          for (const [index, start] of before.entries()) if (start.build) expect(after[index]?.build).toBe(start.build);
        }
      }),
    );
  });

  test("a report and an end are final, and only the lease's holder reported", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
        let item = itemWith();
        for (const each of acts) {
          const before = jobOf(item);
          item = each(item);
          const after = jobOf(item);
          if (before.report) expect(after.report).toBe(before.report);
          if (before.end) expect(after).toEqual(before);
          if (after.report) expect(after.state).toMatchObject({ is: "running", build: after.report.build });
        }
      }),
    );
  });

  test("doing anything twice in a row is doing it once", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 20 }), act, (acts, last) => {
        const once = last(acts.reduce((item, each) => each(item), itemWith()));

        expect(last(once)).toEqual(once);
      }),
    );
  });
});
