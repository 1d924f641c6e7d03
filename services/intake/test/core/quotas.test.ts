import { ClosingCompleted, RepetitionSubmitted, RequestId, WithdrawalSubmitted } from "@sluice/events";
import { describe, expect, it } from "vitest";
import { finishClosing, withdraw } from "../../src/core/close.ts";
import { hear } from "../../src/core/hear.ts";
import { proposeByPartner, proposeByPerson } from "../../src/core/propose.ts";
import { repeat } from "../../src/core/repeat.ts";
import { MINUTE, noon, outcomes, proposed, request, slackUsers, step, team, told, world } from "../factories.ts";

const quotas = { openRequests: 3, plansAnHour: 5, proposalsAnHour: 4 };
const HOUR = 60 * MINUTE;
const number = (n: number) => RequestId.parse(`req_${String(n).padStart(8, "0")}`);
const byAda = (n: number) => proposed({ request: number(n), parameters: { name: `smoke-${n}` } });
const signedAt = new Date(noon).toISOString();

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

  it("of the same reference count once, and use up no person's", async () => {
    const here = world({ quotas: { ...quotas, openRequests: 1, plansAnHour: 1 } });

    for (let n = 0; n < 10; n++) await send(here, 1);
    for (let n = 2; n <= 4; n++) await send(here, n);
    await proposeByPerson(here.ports, byAda(1));

    expect(here.types().filter((type) => type.endsWith("refused.v1"))).toEqual([]);
  });
});
