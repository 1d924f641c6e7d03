import type { ApprovalGranted, DataOf, DecisionRefused } from "@sluice/events";
import { digestOf, type Owed, readGrant } from "@sluice/steps";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toItem } from "../../src/adapters/gate-items.ts";
import { expireGate } from "../../src/core/expire-gate.ts";
import type { Click, Gate } from "../../src/core/gate.ts";
import type { ApprovalStore, Ports } from "../../src/core/ports.ts";
import { recordDecision } from "../../src/core/record-decision.ts";
import { acceptRequest, askForGate, closeRequest, keepPlan } from "../../src/core/request.ts";
import {
  accepted,
  asked,
  carol,
  clickOf,
  dan,
  destructivePlan,
  eve,
  eventNumber,
  gateRef,
  itinerary,
  MINUTE,
  planned,
  plannedSlip,
  planOutput,
  publicKey,
  REQUEST,
  world,
} from "../factories.ts";

const production = itinerary({ environment: "production" });
const refused = (code: string) => expect.objectContaining({ name: "NonRetriableError", code });

/** An open gate in staging, or one that two people have to pass. */
async function open(needed: 1 | 2 = 1, change: Partial<ApprovalStore> = {}) {
  const here = world();
  const output = needed === 2 ? destructivePlan() : planOutput();
  const of = needed === 2 ? production : itinerary();
  await acceptRequest(here.ports, accepted(of));
  await keepPlan(here.ports, planned(output));
  await askForGate(here.ports, asked(plannedSlip(of, output)));
  here.published.length = 0;
  const ports: Ports = { ...here.ports, store: { ...here.store, ...change } };
  const decide = (click: Click, attempt = 1) => recordDecision(ports, gateRef(attempt), click);
  return { ...here, ports, decide };
}
const approval = (user: string, n = 10) => clickOf(user, n);
const rejection = (user: string, n = 20) => clickOf(user, n, { verdict: "reject", reason: "use the shared cluster" });
type Granted = DataOf<typeof ApprovalGranted>;
type Refused = DataOf<typeof DecisionRefused>;

describe("recording a decision", () => {
  it("grants with a signature over exactly the plan that was shown, and asks for the next step", async () => {
    const here = await open();

    await here.decide(approval("carol"));

    expect(here.types()).toEqual(["decision.recorded.v1", "approval.granted.v1", "apply.requested.v1"]);
    const claims = await readGrant(here.dataOf<Granted>("approval.granted.v1")?.grant ?? "", publicKey);
    const { page, changeDigest, summary, epoch } = planOutput();
    expect(claims).toMatchObject({
      request: REQUEST,
      environment: "staging",
      workspace: "probe-smoke",
      gate: { step: "approve", attempt: 1 },
      plan: {
        step: "plan",
        attempt: 1,
        changeDigest,
        pageSha256: page.sha256,
        summarySha256: digestOf(summary),
        epoch,
      },
      decidedBy: [carol],
      exp: here.clock.now / 1_000 + 3_600,
    });
  });

  it("counts approvals until there are enough, and tells each", async () => {
    const here = await open(2);

    await here.decide(approval("carol", 10));
    expect(here.types()).toEqual(["decision.recorded.v1"]);
    await here.decide(approval("dan", 11));

    expect(here.published.filter(({ type }) => type === "decision.recorded.v1").map(({ data }) => data)).toMatchObject([
      { by: carol, have: 1, needed: 2 },
      { by: dan, have: 2, needed: 2 },
    ]);
    expect(here.dataOf<Granted>("approval.granted.v1")?.decidedBy).toEqual([carol, dan]);
  });

  it("does not sign for who has left the group before the last decision, says who, and goes on when one more approves", async () => {
    const here = await open(2);
    await here.decide(approval("carol", 10));
    here.group.now = [dan, eve];

    await here.decide(approval("dan", 11));
    expect(here.signed).toEqual([]);
    expect(here.published.at(-1)).toMatchObject({
      type: "decision.recorded.v1",
      data: { by: dan, have: 1, needed: 2, lapsed: [carol] },
    });

    await here.decide(approval("eve", 12));
    const claims = await readGrant(here.dataOf<Granted>("approval.granted.v1")?.grant ?? "", publicKey);
    expect(claims).toMatchObject({ decidedBy: [dan, eve] });
    expect(here.dataOf<Granted>("approval.granted.v1")?.decidedBy).toEqual([dan, eve]);
  });

  it("tells the same again of a decision that counted then and would not now", async () => {
    const here = await open(2);
    await here.decide(approval("carol", 10));
    await here.decide(approval("dan", 11));
    const first = [...here.published];
    here.group.now = [];

    await here.decide(approval("carol", 10));
    await here.decide(approval("dan", 11));

    expect(here.published.slice(first.length)).toEqual(first);
  });

  it("denies at a rejection, with its reason, and asks for nothing", async () => {
    const here = await open(2);

    await here.decide(rejection("carol"));

    expect(here.types()).toEqual(["decision.recorded.v1", "approval.denied.v1"]);
    expect(here.dataOf("approval.denied.v1")).toMatchObject({
      how: "rejected",
      by: carol,
      reason: "use the shared cluster",
    });
  });

  it("publishes the same events again when the click is delivered again, and signs once", async () => {
    const here = await open();

    await here.decide(approval("carol"));
    const first = [...here.published];
    here.clock.now += 20 * MINUTE;
    await here.decide(approval("carol"));

    expect(here.published.slice(first.length)).toEqual(first);
    expect(here.signed).toHaveLength(1);
  });

  it("publishes what a click owes although we died before, and its sender has left since", async () => {
    let dead = true;
    const here = await open();
    const ports: Ports = {
      ...here.ports,
      publish: async (owed) => {
        if (dead) throw new Error("killed");
        await here.ports.publish(owed);
      },
    };
    await expect(recordDecision(ports, gateRef(), approval("carol"))).rejects.toThrow("killed");
    dead = false;
    const nobody = { judges: async () => ({ approvers: new Set<never>(), version: "v2" }) };

    await recordDecision({ ...ports, directory: nobody }, gateRef(), approval("carol"));

    expect(here.types()).toEqual(["decision.recorded.v1", "approval.granted.v1", "apply.requested.v1"]);
  });

  it("judges again when somebody else was first, and loses no decision", async () => {
    const here = await open(2);
    let raced = false;
    const store: ApprovalStore = {
      ...here.store,
      async replace(before, after, grant) {
        if (!raced) {
          raced = true;
          await here.decide(approval("dan", 11));
        }
        return here.store.replace(before, after, grant);
      },
    };

    await recordDecision({ ...here.ports, store }, gateRef(), approval("carol", 10));

    expect(here.dataOf<Granted>("approval.granted.v1")?.decidedBy).toEqual([dan, carol]);
  });

  it.each([
    ["whoever asked", approval("ada"), "own_request"],
    ["a stranger", approval("mallory"), "not_an_approver"],
  ])("tells %s why not and who could, and stores nothing", async (_who, click, code) => {
    const here = await open();

    await here.decide(click);

    expect(here.types()).toEqual(["decision.refused.v1"]);
    expect(here.dataOf<Refused>("decision.refused.v1")).toMatchObject({
      code,
      who: click.who,
      groups: ["infrastructure"],
      approvers: expect.arrayContaining([carol, dan]),
    });
    expect([...here.store.gates.values()]).toMatchObject([{ status: "open", decisions: [], version: 1 }]);
  });

  it("keeps nothing of clicks that do not count, however many there are", async () => {
    const here = await open(2);
    await here.decide(approval("carol"));
    const [before] = here.store.gates.values();

    for (let n = 0; n < 300; n++)
      await here.decide(approval(["ada", "mallory", "carol", `stranger${n}`][n % 4] ?? "", 100 + n));

    expect([...here.store.gates.values()]).toEqual([before]);
    expect(JSON.stringify(toItem(before as Gate)).length).toBeLessThan(8 * 1_024);
  });

  it.each<[string, (here: Awaited<ReturnType<typeof open>>) => Promise<void>, object]>([
    ["approved", (here) => here.decide(approval("dan", 11)), { how: "approved", by: dan }],
    ["rejected", (here) => here.decide(rejection("dan", 11)), { how: "rejected", by: dan }],
    ["ended", (here) => closeRequest(here.ports, REQUEST), { how: "ended" }],
  ])("says that it was already %s, by whom, to a click that comes too late", async (_how, before, decided) => {
    const here = await open();
    await before(here);

    await here.decide(approval("carol"));

    expect(here.published.at(-1)?.data).toMatchObject({ code: "closed", decided });
  });

  it("says that a button was of an older plan", async () => {
    const here = await open();
    await keepPlan(here.ports, planned(planOutput({ epoch: 1 }), 2));
    await askForGate(here.ports, asked(plannedSlip(itinerary(), planOutput({ epoch: 1 }), 2), 2, eventNumber(4)));

    await here.decide(approval("carol"), 1);

    expect(here.published.at(-1)?.data).toMatchObject({ code: "older_attempt", decided: { how: "superseded" } });
  });

  it("parks a decision on a gate that was never opened", async () => {
    const here = await open();

    await expect(here.decide(approval("carol"), 2)).rejects.toThrow(refused("unknown_gate"));
    await expect(recordDecision(world().ports, gateRef(), approval("carol"))).rejects.toThrow(refused("unknown_gate"));
  });

  it("refuses, instead of trying for ever, when the request was closed and we died before its gates were", async () => {
    const here = await open();
    const standing = { ...(await here.store.standing(REQUEST)), closed: true } as never;
    const store = { ...here.store, standing: async () => standing, replace: async () => false };

    await recordDecision({ ...here.ports, store }, gateRef(), approval("carol"));

    expect(here.published).toMatchObject([{ type: "decision.refused.v1", data: { code: "closed" } }]);
  });
});

describe("fifty clicks of five people at the same time", () => {
  const people = ["ada", "bob", "carol", "dan", "eve"];
  const clicks = Array.from({ length: 50 }, (_, n) => approval(people[n % 5] ?? "", 100 + n));

  it.each([1, 2] as const)("make one grant where %i must approve, in any interleaving", async (needed) => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const here = await open(needed);
        const slow = <A extends unknown[], T>(work: (...given: A) => Promise<T>) => scheduler.scheduleFunction(work);
        const store = {
          ...here.store,
          gate: slow(here.store.gate),
          replace: slow(here.store.replace),
          grantOf: slow(here.store.grantOf),
        };

        const all = Promise.all(clicks.map((click) => recordDecision({ ...here.ports, store }, gateRef(), click)));
        await scheduler.waitFor(all);

        expect(here.store.grants.size).toBe(1);
        expect(here.idsOf("approval.granted.v1")).toHaveLength(1);
        expect(here.idsOf("apply.requested.v1")).toHaveLength(1);
        expect(here.idsOf("decision.recorded.v1")).toHaveLength(needed);
        const grants = here.published.filter(({ type }) => type === "approval.granted.v1").map(({ data }) => data);
        expect(new Set(grants.map((data) => (data as Granted).grant))).toEqual(new Set(here.store.grants.values()));
        const decided = here.dataOf<Granted>("approval.granted.v1")?.decidedBy as string[];
        expect(new Set(decided).size).toBe(needed);
        expect(decided).not.toContain("person_ada");
      }),
      { numRuns: 8 },
    );
  });
});

describe("time", () => {
  const END = 240 * MINUTE;

  it("refuses in nobody's name what nobody decided, once", async () => {
    const here = await open();
    here.clock.now += END;

    await expireGate(here.ports, gateRef());
    await expireGate(here.ports, gateRef());

    expect(here.dataOf("approval.denied.v1")).toMatchObject({ how: "expired", seconds: END / 1_000 });
    expect(here.idsOf()).toHaveLength(1);
    await here.decide(approval("carol"));
    expect(here.published.at(-1)?.data).toMatchObject({ code: "closed", decided: { how: "expired" } });
  });

  it.each<[string, (here: Awaited<ReturnType<typeof open>>) => Promise<unknown>]>([
    ["is not due", async () => undefined],
    [
      "was decided meanwhile",
      async (here) => {
        await here.decide(approval("carol"));
        here.clock.now += END;
      },
    ],
    [
      "was rejected meanwhile",
      async (here) => {
        await here.decide(rejection("carol"));
        here.clock.now += END;
      },
    ],
    [
      "was closed with its request",
      async (here) => {
        await closeRequest(here.ports, REQUEST);
        here.clock.now += END;
      },
    ],
  ])("leaves a gate as it is that %s", async (_which, before) => {
    const here = await open();
    await before(here);
    here.published.length = 0;

    await expireGate(here.ports, gateRef());

    expect(here.published).toEqual([]);
  });

  it("leaves a newer attempt alone, and a gate that nobody knows", async () => {
    const here = await open();
    here.clock.now += END;

    await expireGate(here.ports, gateRef(2));
    await expireGate(world().ports, gateRef());

    expect(here.published).toEqual([]);
  });

  it("goes on, instead of trying for ever, when the request was closed and we died before its gates were", async () => {
    const here = await open();
    here.clock.now += END;
    const standing = { ...(await here.store.standing(REQUEST)), closed: true } as never;

    await expireGate(
      { ...here.ports, store: { ...here.store, standing: async () => standing, replace: async () => false } },
      gateRef(),
    );

    expect(here.published).toEqual([]);
  });
});

describe("a message that is delivered again, at any time", () => {
  const steps: Record<string, (ports: Ports) => Promise<void>> = {
    accepted: (ports) => acceptRequest(ports, accepted(production)),
    planned: (ports) => keepPlan(ports, planned(destructivePlan())),
    asked: (ports) => askForGate(ports, asked(plannedSlip(production, destructivePlan()))),
    "carol approves": (ports) => recordDecision(ports, gateRef(), approval("carol", 10)),
    "ada tries": (ports) => recordDecision(ports, gateRef(), approval("ada", 12)),
    "dan approves": (ports) => recordDecision(ports, gateRef(), approval("dan", 11)),
    expiry: (ports) => expireGate(ports, gateRef()),
    end: (ports) => closeRequest(ports, REQUEST),
  };
  const names = Object.keys(steps);

  it("publishes no event of another id than the first time", async () => {
    const repeats = fc.array(fc.nat({ max: 99 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(repeats, { minLength: names.length, maxLength: names.length }), async (after) => {
        const once = world();
        const often = world();
        for (const [n, name] of names.entries()) {
          await steps[name]?.(once.ports);
          await steps[name]?.(often.ports);
          for (const which of after[n] ?? []) await steps[names[which % (n + 1)] ?? ""]?.(often.ports);
        }

        const told = (all: readonly Owed[]) => new Map(all.map(({ id, type }) => [id, type]));
        expect(told(often.published)).toEqual(told(once.published));
      }),
    );
  });
});
