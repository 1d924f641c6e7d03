import { ClosingCompleted, PrincipalId, RepetitionSubmitted, RequestId, WithdrawalSubmitted } from "@sluice/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { finishClosing, withdraw } from "../../src/core/close.ts";
import { hear } from "../../src/core/hear.ts";
import { proposeByPartner, proposeByPerson } from "../../src/core/propose.ts";
import {
  nothingUsed,
  type Used,
  withoutPlan,
  withoutRequest,
  withPlan,
  withProposal,
  withRequest,
} from "../../src/core/quotas.ts";
import { repeat } from "../../src/core/repeat.ts";
import { MINUTE, noon, outcomes, proposed, request, slackUsers, step, team, told, world } from "../factories.ts";

const quotas = { openRequests: 3, plansAnHour: 5, proposalsAnHour: 4 };
const HOUR = 60 * MINUTE;
const number = (n: number) => RequestId.parse(`req_${String(n).padStart(8, "0")}`);
const byAda = (n: number) => proposed({ request: number(n), parameters: { name: `smoke-${n}` } });
const signedAt = new Date(noon).toISOString();

const ada = PrincipalId.parse("person_ada");

/** Ends a request of Ada's before anything was applied. */
async function withdrawn({ ports, take }: ReturnType<typeof world>, n: number): Promise<void> {
  const about = { request: number(n), who: { team, user: slackUsers.ada }, signedAt };
  await withdraw(ports, told(WithdrawalSubmitted, about));
  await finishClosing(ports, told(ClosingCompleted, { request: number(n) }));
  take();
}

describe("open requests", () => {
  it("are as many as one person may have, others have theirs, and an end makes room", async () => {
    const here = world({ quotas: { ...quotas, plansAnHour: 100 } });
    for (let n = 1; n <= 3; n++) await proposeByPerson(here.ports, byAda(n));
    here.take();

    await proposeByPerson(here.ports, byAda(4));
    expect(here.take()).toMatchObject([
      {
        type: "request.refused.v1",
        data: {
          code: "too_many_open",
          who: { user: slackUsers.ada },
          sentence:
            "You have 3 open requests, which is as many as one person may have. Ask again when one of them has ended, or withdraw one: /sluice status lists them.",
        },
      },
    ]);
    await proposeByPerson(here.ports, proposed({ request: number(5) }, slackUsers.carol));
    expect(here.types()).toContain("request.accepted.v1");
    here.take();

    await withdrawn(here, 2);
    await proposeByPerson(here.ports, byAda(6));
    await proposeByPerson(here.ports, byAda(7));

    expect(here.types()).toEqual(["request.accepted.v1", "plan.requested.v1", "request.refused.v1"]);
  });

  it("stay refused or accepted however often the same form comes", async () => {
    const here = world({ quotas });
    for (let n = 1; n <= 4; n++) await proposeByPerson(here.ports, byAda(n));
    const first = here.take();
    await withdrawn(here, 1);

    for (let n = 2; n <= 4; n++) await proposeByPerson(here.ports, byAda(n));

    expect(here.take()).toEqual(first.slice(2));
    expect(here.store.records.size).toBe(4);
  });
});

describe("plans", () => {
  it("are as many as one person may ask for in an hour, also of requests that ended", async () => {
    const here = world({ quotas });
    for (let n = 1; n <= 5; n++) {
      await proposeByPerson(here.ports, byAda(n));
      await withdrawn(here, n);
    }

    here.clock.now = noon + 48 * MINUTE;
    await proposeByPerson(here.ports, byAda(6));
    expect(here.take()).toMatchObject([
      {
        data: {
          code: "too_many_plans",
          sentence: "You have asked for 5 plans in this hour, which is as many as one person may. Ask again in 12 min.",
        },
      },
    ]);

    here.clock.now = noon + HOUR;
    await proposeByPerson(here.ports, byAda(7));
    expect(here.types()).toEqual(["request.accepted.v1", "plan.requested.v1"]);
  });

  it("made again count, of whoever wants them, and a refused one leaves the request as it is", async () => {
    const here = world({ quotas: { ...quotas, plansAnHour: 2 } });
    await proposeByPerson(here.ports, proposed());
    const again = (attempt: number, user = slackUsers.ada) =>
      repeat(here.ports, told(RepetitionSubmitted, { ...step("plan", attempt), who: { team, user }, signedAt }));
    for (const attempt of [1, 2]) {
      await hear(here.ports, outcomes.plan(attempt));
      await hear(here.ports, outcomes.applyFailed(attempt));
      here.take();
      await again(attempt);
    }

    expect(here.published).toMatchObject([{ type: "repetition.refused.v1", data: { code: "too_many_plans" } }]);
    expect(here.store.records.get(request)?.repeats).toHaveLength(1);
    here.take();
    await again(2, slackUsers.dan);
    expect(here.types()).toEqual(["plan.requested.v1"]);
  });
});

describe("another system's proposals", () => {
  const send = (here: ReturnType<typeof world>, n: number, blueprint = "probe") =>
    proposeByPartner(here.ports, {
      account: "333333333333",
      source: "partner.pipeline",
      proposal: {
        reference: `build/${n}`,
        blueprint,
        environment: "sandbox",
        parameters: { name: `nightly-${n}` },
      },
    });

  it("are as many as it may send in an hour, refused ones included, and leave nothing beyond", async () => {
    const here = world({ quotas });
    await send(here, 1, "virtual-machine");
    for (let n = 2; n <= 4; n++) await send(here, n);
    here.take();
    const [records, facts] = [here.store.records.size, here.store.kept.size];

    here.clock.now = noon + 59 * MINUTE;
    await send(here, 5);
    await send(here, 6, "virtual-machine");

    const refused = {
      type: "proposal.refused.v1",
      data: {
        code: "too_many_proposals",
        partner: "partner.pipeline",
        sentence:
          "partner.pipeline has sent 4 proposals in this hour, which is as many as it may. Send this one again in 1 min.",
      },
    };
    expect(here.take()).toMatchObject([refused, refused]);
    expect([here.store.records.size, here.store.kept.size]).toEqual([records, facts]);

    here.clock.now = noon + HOUR;
    await send(here, 5);
    expect(here.types()).toEqual(["request.accepted.v1", "plan.requested.v1"]);
  });

  it("that are refused at the allow-list count once when they come twice", async () => {
    const here = world({ quotas });
    for (let n = 0; n < 10; n++) await send(here, 1, "virtual-machine");
    await send(here, 2);

    expect(here.types().at(-1)).toBe("plan.requested.v1");
    expect((await here.store.used(PrincipalId.parse("system_pipeline"))).proposals).toHaveLength(2);
  });

  it("of the same reference count once, and use up no person's", async () => {
    const here = world({ quotas: { ...quotas, openRequests: 1, plansAnHour: 1 } });

    for (let n = 0; n < 10; n++) await send(here, 1);
    for (let n = 2; n <= 4; n++) await send(here, n);
    await proposeByPerson(here.ports, byAda(1));

    expect(here.types().filter((type) => type.endsWith("refused.v1"))).toEqual([]);
  });
});

describe("what was used up", () => {
  type Act = Readonly<{ is: "begin" | "end" | "plan" | "back" | "proposal" | "hour"; n: number }>;
  const acts = fc.array(
    fc.record({ is: fc.constantFrom<Act["is"][]>("begin", "end", "plan", "back", "proposal", "hour"), n: fc.nat(9) }),
    { maxLength: 60 },
  );

  it("names what is open and was counted in this hour, each once and never more than allowed, in any order and however often", () => {
    fc.assert(
      fc.property(acts, (all) => {
        let used = nothingUsed(ada);
        let now = noon;
        const open = new Set<string>();
        const plans = new Set<string>();
        const proposals = new Set<string>();
        for (const { is, n } of all.flatMap((act) => [act, act])) {
          const id = number(n);
          const was = { open: open.has(id), plan: plans.has(id) };
          if (is === "hour") {
            now += HOUR / 2;
            if (now % HOUR === 0) for (const counted of [plans, proposals]) counted.clear();
            continue;
          }
          if (is === "end") open.delete(id);
          if (is === "back") plans.delete(id);
          const isFull = is === "begin" && !was.open && open.size === quotas.openRequests;
          const needsPlan = (is === "begin" && !was.open && !isFull) || is === "plan";
          const isOut = needsPlan && !was.plan && plans.size === quotas.plansAnHour;
          const isOver = is === "proposal" && !proposals.has(id) && proposals.size === quotas.proposalsAnHour;
          if (needsPlan && !isOut) plans.add(id);
          if (is === "begin" && !isFull && !isOut) open.add(id);
          if (is === "proposal" && !isOver) proposals.add(id);

          const after = {
            begin: () => withRequest(used, id, quotas, now),
            end: () => withoutRequest(used, id),
            plan: () => withPlan(used, id, quotas, now),
            back: () => withoutPlan(used, id),
            proposal: () => withProposal(used, id, quotas, now),
          }[is]();

          expect(typeof after === "string" && after).toBe(
            (isFull && "open") || (isOut && "plans") || (isOver && "proposals"),
          );
          if (typeof after !== "string") used = after;
          expect([...used.open].sort()).toEqual([...open].sort());
          if (used.hour === Math.floor(now / HOUR))
            expect([[...used.plans].sort(), [...used.proposals].sort()]).toEqual([
              [...plans].sort(),
              [...proposals].sort(),
            ]);
          expect(used.open.length).toBeLessThanOrEqual(quotas.openRequests);
          expect(used.plans.length).toBeLessThanOrEqual(quotas.plansAnHour);
          expect(used.proposals.length).toBeLessThanOrEqual(quotas.proposalsAnHour);
        }
      }),
    );
  });

  it("is at most three kilobytes, with the settings that we give", () => {
    const given = { openRequests: 20, plansAnHour: 30, proposalsAnHour: 60 };
    const longest = (kind: string, n: number) => `${kind}_${String(n).padStart(32, "0")}`;
    const after = (before: Used, step: Used | string) => (typeof step === "string" ? before : step);
    let [person, system] = [nothingUsed(ada), nothingUsed(PrincipalId.parse("system_pipeline"))];
    for (let n = 0; n < 100; n++) {
      person = after(person, withRequest(person, RequestId.parse(longest("req", n)), given, noon));
      system = after(system, withProposal(system, longest("req", n), given, noon));
    }
    for (let n = 0; n < 100; n++) person = after(person, withPlan(person, longest("evt", n), given, noon));

    expect([person.open.length, person.plans.length, system.proposals.length]).toEqual([20, 30, 60]);
    for (const used of [person, system]) expect(JSON.stringify(used).length).toBeLessThan(3_000);
  });
});

describe("what a request has taken", () => {
  const usedBy = async ({ store }: ReturnType<typeof world>, who = ada) => {
    const { open, plans } = await store.used(who);
    return { open, plans };
  };
  /** The ports of a message that was already under way: it does not see what was stored since. */
  const late = ({ ports, store }: ReturnType<typeof world>) => {
    let reads = 0;
    const request: typeof store.request = async (id) => (reads++ === 0 ? undefined : store.request(id));
    return { ...ports, store: { ...store, request } };
  };

  it("is nothing when it is refused, for whatever reason", async () => {
    const here = world({ quotas: { ...quotas, openRequests: 1 } });
    await proposeByPerson(here.ports, byAda(1));
    const before = await here.store.used(ada);

    await proposeByPerson(here.ports, byAda(2));
    await proposeByPerson(here.ports, proposed({ request: number(3), environment: "production" }));

    expect(await here.store.used(ada)).toEqual(before);
  });

  it("is counted once when the acceptance dies before its record, and given back when it is judged otherwise then", async () => {
    const here = world({ quotas });
    const putIfAbsent = () => Promise.reject(new Error("killed"));
    const dying = { ...here.ports, store: { ...here.store, putIfAbsent } };
    for (const n of [1, 2]) await expect(proposeByPerson(dying, byAda(n))).rejects.toThrow("killed");

    await proposeByPerson(here.ports, byAda(1));
    expect(await usedBy(here)).toEqual({ open: [number(1), number(2)], plans: [number(1), number(2)] });
    await proposeByPerson({ ...here.ports, environments: {} }, byAda(2));

    expect(here.types().at(-1)).toBe("request.refused.v1");
    expect(await usedBy(here)).toEqual({ open: [number(1)], plans: [number(1)] });
  });

  it("is free when the same proposal comes twice and the later one has not seen the end of the first", async () => {
    const here = world({ quotas });
    await proposeByPerson(here.ports, byAda(1));
    await withdrawn(here, 1);

    await proposeByPerson(late(here), byAda(1));

    expect(await usedBy(here)).toEqual({ open: [], plans: [number(1)] });
  });

  it("is whose request it is: another person's of the same id has taken nothing", async () => {
    const here = world({ quotas });
    await proposeByPerson(here.ports, byAda(1));

    await proposeByPerson(late(here), proposed({ request: number(1) }, slackUsers.carol));

    expect(here.types().at(-1)).toBe("proposal.refused.v1");
    expect(await usedBy(here, PrincipalId.parse("person_carol"))).toEqual({ open: [], plans: [] });
    expect(await usedBy(here)).toEqual({ open: [number(1)], plans: [number(1)] });
  });

  it("is free before its end is told", async () => {
    const here = world({ quotas });
    await proposeByPerson(here.ports, byAda(1));
    const publish: typeof here.ports.publish = async (owed) => {
      if (owed.some(({ type }) => type === "request.withdrawn.v1"))
        expect(await usedBy(here)).toEqual({ open: [], plans: [number(1)] });
      await here.ports.publish(owed);
    };

    await withdrawn({ ...here, ports: { ...here.ports, publish } }, 1);

    expect.assertions(1);
  });

  it("is no plan when somebody else's click was first", async () => {
    const here = world({ quotas });
    await proposeByPerson(here.ports, proposed());
    await hear(here.ports, outcomes.plan());
    await hear(here.ports, outcomes.applyFailed());
    const click = (user: string) =>
      told(RepetitionSubmitted, { ...step("plan"), who: { team, user }, signedAt }, { cause: user });
    const replace: typeof here.store.replace = async (before, after) => {
      await repeat(here.ports, click(slackUsers.dan));
      return here.store.replace(before, after);
    };
    here.take();

    await repeat({ ...here.ports, store: { ...here.store, replace } }, click(slackUsers.ada));

    expect(here.types()).toEqual(["plan.requested.v1", "repetition.refused.v1"]);
    expect((await usedBy(here)).plans).toEqual([request]);
    expect((await usedBy(here, PrincipalId.parse("person_dan"))).plans).toHaveLength(1);
  });
});
