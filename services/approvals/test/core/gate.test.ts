import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asItStands, counted, expire, type Gate, isDestructive, judge } from "../../src/core/gate.ts";
import {
  ada,
  bob,
  carol,
  click,
  clickOf,
  dan,
  destructivePlan,
  eve,
  gate,
  judges,
  MINUTE,
  made,
  NOON,
  planOf,
  planOutput,
} from "../factories.ts";

const LATER = gate().expiresAt;

describe("judging a decision", () => {
  it("grants when the last needed approver approves", () => {
    const before = gate({ needed: 2, decisions: [made(dan)] });

    const after = judge(before, 1, click(), judges(carol), NOON);

    expect(after).toMatchObject({
      status: "granted",
      endedAt: NOON,
      decisions: [{ by: dan }, { by: carol, directoryVersion: "v1" }],
    });
  });

  it("records an approval that is not the last one needed, and leaves the gate open", () => {
    expect(judge(gate({ needed: 2 }), 1, click(), judges(carol), NOON)).toMatchObject({
      status: "open",
      decisions: [{ by: carol }],
    });
  });

  it("denies at the first rejection, also of somebody who approved before", () => {
    const before = gate({ needed: 2, decisions: [made(carol)] });

    const after = judge(before, 1, click({ verdict: "reject", reason: "no" }), judges(carol), NOON);

    expect(after).toMatchObject({ status: "denied", decisions: [{ verdict: "approve" }, { verdict: "reject" }] });
  });

  it.each([
    ["of the requester", gate(), click(), judges(ada, [ada, carol]), NOON, "own_request"],
    ["of whom it is asked for", gate({ askedBy: [ada, bob] }), click(), judges(bob, [bob]), NOON, "own_request"],
    ["of somebody who is no approver", gate(), click(), judges(carol, [dan]), NOON, "not_an_approver"],
    ["of somebody whom the directory does not know", gate(), click(), judges(), NOON, "unknown_person"],
    ["when nobody can be known to approve", gate(), click(), judges(carol, []), NOON, "not_an_approver"],
    ["at the very instant of expiry", gate(), click({ signedAt: LATER }), judges(carol), LATER, "expired"],
    ["that was signed long ago", gate(), click({ signedAt: NOON - 15 * MINUTE - 1 }), judges(carol), NOON, "stale"],
    [
      "that rejects without a reason",
      gate(),
      click({ verdict: "reject", reason: " " }),
      judges(carol),
      NOON,
      "reason_missing",
    ],
    [
      "on an older attempt",
      gate({ ref: { ...gate().ref, attempt: 2 } }),
      click(),
      judges(carol),
      NOON,
      "older_attempt",
    ],
    [
      "after it was granted",
      gate({ status: "granted", decisions: [made(dan)] }),
      click(),
      judges(carol),
      NOON,
      "closed",
    ],
    ["after it was denied", gate({ status: "denied" }), click(), judges(carol), NOON, "closed"],
    ["after its request ended", gate({ status: "closed" }), click(), judges(carol), NOON, "closed"],
  ] as const)("refuses a click %s", (_case, before, given, who, now, refusal) => {
    expect(judge(before, 1, given, who, now)).toBe(refusal);
  });

  it("changes nothing when the same person decides again in the same way", () => {
    const before = gate({ needed: 2, decisions: [made(carol)] });

    expect(judge(before, 1, click(), judges(carol), NOON)).toBe(before);
  });

  it("changes nothing when the same click comes again, though its sender is unknown by now", () => {
    const granted = gate({ status: "granted", decisions: [{ ...made(carol), cause: click().cause }] });

    expect(judge(granted, 1, click(), judges(), NOON + 60 * MINUTE)).toBe(granted);
  });

  it("counts at the last decision only who may approve by then, and leaves the gate open for another one", () => {
    const before = gate({ needed: 2, decisions: [made(carol)] });

    const after = judge(before, 1, clickOf(dan, 11), judges(dan, [dan, eve]), NOON) as Gate;

    expect(after).toMatchObject({ status: "open", decisions: [{ by: carol }, { by: dan, lapsed: [carol] }] });
    expect(counted(after)).toEqual([dan]);
    expect(judge(after, 1, clickOf(eve, 12), judges(eve, [dan, eve]), NOON)).toMatchObject({ status: "granted" });
  });

  it("counts again who has come back, also when somebody who approved before only says so again", () => {
    const lapsed = gate({ needed: 2, decisions: [made(carol), { ...made(dan, 2), lapsed: [carol] }] });

    for (const again of [carol, dan]) {
      const after = judge(lapsed, 1, clickOf(again, 13), judges(again, [carol, dan]), NOON) as Gate;
      expect(after.status).toBe("granted");
      expect(new Set(counted(after))).toEqual(new Set([carol, dan]));
    }
  });

  it("does not count whom the request turned out to be asked for", () => {
    const before = gate({ needed: 2, askedBy: [ada, carol], decisions: [made(carol)] });

    expect(judge(before, 1, clickOf(dan, 11), judges(dan), NOON)).toMatchObject({ status: "open" });
  });

  it("tells somebody who approved and may not any more that they may not", () => {
    const before = gate({ needed: 2, decisions: [made(carol)] });

    expect(judge(before, 1, click(), judges(carol, [dan]), NOON)).toBe("not_an_approver");
  });

  it("grants exactly when as many as are needed have approved and may approve now, however the directory changes in between", () => {
    const everybody = [ada, bob, carol, dan, eve];
    const step = fc.record({ by: fc.constantFrom(...everybody), approvers: fc.subarray(everybody) });

    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 20 }), (needed, steps) => {
        let now: Gate = gate({ needed, askedBy: [ada] });
        const approved = new Set<string>();
        for (const [n, { by, approvers }] of steps.entries()) {
          const may = approvers.filter((each) => each !== ada);
          const before = now;
          const next = judge(before, 1, clickOf(by, n), judges(by, approvers), NOON);
          if (before.status !== "open") continue;
          if (may.includes(by)) approved.add(by);
          if (typeof next !== "string") now = next;

          const present = may.filter((each) => approved.has(each));
          expect(now.status === "granted").toBe(may.includes(by) && present.length >= needed);
          if (now.status !== "granted") continue;
          expect(counted(now)).toHaveLength(needed);
          expect(new Set(counted(now)).size).toBe(needed);
          expect(present).toEqual(expect.arrayContaining([...counted(now), by]));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("never grants with fewer distinct approvers than needed, whatever is clicked, in any order", () => {
    const anyClick = fc.record({
      by: fc.constantFrom(ada, bob, carol, dan, eve),
      verdict: fc.constantFrom("approve" as const, "reject" as const),
    });

    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(anyClick, { maxLength: 14 }), (needed, clicks) => {
        let now: Gate = gate({ needed, askedBy: [ada, eve] });
        clicks.forEach(({ by, verdict }, n) => {
          const next = judge(
            now,
            1,
            clickOf(by, n, { verdict, reason: "no" }),
            judges(by, [ada, bob, carol, dan]),
            NOON,
          );
          if (typeof next !== "string") now = next;
        });
        const approvers = new Set(now.decisions.filter((each) => each.verdict === "approve").map((each) => each.by));
        const rejected = now.decisions.some((each) => each.verdict === "reject");
        expect(now.status === "granted").toBe(approvers.size >= needed && !rejected);
        expect([ada, eve].some((asker) => now.decisions.some(({ by }) => by === asker))).toBe(false);
      }),
    );
  });
});

describe("a gate", () => {
  it("is denied by time alone while it is open, from its last instant on", () => {
    expect(expire(gate(), LATER - 1).status).toBe("open");
    expect(expire(gate(), LATER)).toMatchObject({ status: "denied", endedAt: LATER });
    expect(expire(gate({ status: "granted" }), LATER).status).toBe("granted");
  });

  it("is closed as soon as its request has ended, also before anybody wrote it down", () => {
    expect(asItStands(gate(), { closed: true })?.status).toBe("closed");
    expect(asItStands(gate(), { closed: false })?.status).toBe("open");
    expect(asItStands(gate({ status: "granted" }), { closed: true })?.status).toBe("granted");
  });

  it("is about something destructive when anything is destroyed, replaced or forgotten", () => {
    const { counts } = planOutput().summary;

    expect(isDestructive(destructivePlan())).toBe(true);
    for (const [count, is] of [
      ["replace", true],
      ["forget", true],
      ["change", false],
      ["import", false],
    ] as const)
      expect(isDestructive(planOf({ counts: { ...counts, [count]: 1 } }))).toBe(is);
  });
});
