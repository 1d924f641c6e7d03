import { type ApprovalRule, policies } from "@sluice/blueprints";
import type { ApprovalOpened, DataOf } from "@sluice/events";
import { newSlip, readGrant } from "@sluice/steps";
import { describe, expect, it } from "vitest";
import { acceptRequest, askForGate, closeRequest, keepPlan } from "../../src/core/request.ts";
import {
  APPROVE,
  accepted,
  ada,
  asked,
  carol,
  destructivePlan,
  emptyPlan,
  eventNumber,
  gateRef,
  itinerary,
  MINUTE,
  NOON,
  planned,
  plannedSlip,
  planOutput,
  publicKey,
  REQUEST,
  withoutConfiguration,
  world,
} from "../factories.ts";

type World = ReturnType<typeof world>;
const refused = (code: string) => expect.objectContaining({ name: "NonRetriableError", code });

/** Everything that has to be heard before a gate opens. */
const messages = {
  accepted: ({ ports }: World, of = itinerary()) => acceptRequest(ports, accepted(of)),
  asked: ({ ports }: World, of = itinerary(), output = planOutput()) =>
    askForGate(ports, asked(plannedSlip(of, output))),
  planned: ({ ports }: World, _of = itinerary(), output = planOutput()) => keepPlan(ports, planned(output)),
};
type Message = keyof typeof messages;
const names = Object.keys(messages) as Message[];
function orders<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, n) => orders(items.toSpliced(n, 1)).map((rest) => [item, ...rest]));
}
async function opened(of = itinerary(), output = planOutput()): Promise<World> {
  const here = world();
  for (const name of names) await messages[name](here, of, output);
  return here;
}

describe("opening a gate", () => {
  it.each(orders(names).map((order) => [order.join(", "), order] as const))(
    "waits for acceptance, question and plan, in the order %s, each of them also twice",
    async (_names, order) => {
      const here = world();

      for (const [n, name] of order.entries()) {
        await messages[name](here);
        await messages[name](here);
        expect(here.types().includes("approval.opened.v1")).toBe(n === 2);
      }

      expect(new Set(here.types())).toEqual(new Set(["approval.opened.v1"]));
      expect(here.idsOf()).toEqual((await opened()).idsOf());
      expect(here.store.gates.size).toBe(1);
    },
  );

  it("says who may decide, until when, and never names who asked", async () => {
    const here = world([ada, carol]);
    for (const name of names) await messages[name](here);

    expect(here.dataOf<DataOf<typeof ApprovalOpened>>("approval.opened.v1")).toEqual({
      gate: gateRef(),
      of: { step: "plan", attempt: 1 },
      approvers: [carol],
      groups: ["infrastructure"],
      needed: 1,
      until: new Date(NOON + 240 * MINUTE).toISOString(),
      destructive: false,
      changeDigest: planOutput().changeDigest,
    });
  });

  it("refuses a slip that shows another plan than the one that was made, and stays able to open for the right one", async () => {
    const here = world();
    await messages.accepted(here);
    await messages.planned(here);
    const shown = asked(plannedSlip(itinerary(), planOutput({ epoch: 7 })));

    await expect(askForGate(here.ports, shown)).rejects.toThrow(refused("plan_differs"));
    expect(here.store.gates.size).toBe(0);

    await askForGate(here.ports, { ...asked(), metadata: { id: eventNumber(3), actor: "service:provisioner" } });
    expect((await here.store.slipOf(gateRef()))?.log).toEqual(plannedSlip().log);
    expect(here.types()).toEqual(["approval.opened.v1"]);
  });

  it("refuses a slip without any plan", async () => {
    const here = world();
    await messages.accepted(here);
    await here.store.keepPlan({ ...planned(), attempt: 0 }); // What a slip without a plan points at.

    await expect(askForGate(here.ports, asked(newSlip(itinerary())))).rejects.toThrow(refused("plan_differs"));
  });

  it("is not held up by a forged question that came early: that one is parked, the real one opens", async () => {
    const here = world();
    const forged = asked({ ...plannedSlip(), itinerary: itinerary({ environment: "sandbox" }) }, 1, eventNumber(66));
    await askForGate(here.ports, forged);
    await askForGate(here.ports, asked());
    await messages.planned(here);

    await expect(messages.accepted(here)).rejects.toThrow(refused("itinerary_changed"));

    expect(here.types()).toEqual(["approval.opened.v1"]);
    expect((await here.store.slipOf(gateRef()))?.itinerary.environment).toBe("staging");
  });

  it("throws when the gate cannot be stored and nobody else has: the message comes back", async () => {
    const here = world();
    await messages.accepted(here);
    await messages.planned(here);
    const ports = { ...here.ports, store: { ...here.store, open: async () => false } };

    await expect(askForGate(ports, asked())).rejects.toThrow(/tried again/);
  });

  it("answers with the gate of whoever was first", async () => {
    const here = world();
    await messages.accepted(here);
    await messages.planned(here);
    const overtaken: typeof here.store.open = async (gate) => {
      await here.store.open({ ...gate, openedAt: NOON - 1 });
      return false;
    };

    await askForGate({ ...here.ports, store: { ...here.store, open: overtaken } }, asked());

    expect(here.types()).toEqual(["approval.opened.v1"]);
    expect([...here.store.gates.values()].map(({ openedAt }) => openedAt)).toEqual([NOON - 1]);
  });

  it("opens nothing for a request that has ended, even if that was heard first", async () => {
    const here = world();
    await closeRequest(here.ports, REQUEST);
    for (const name of names) await messages[name](here);

    expect([here.published, here.store.gates.size]).toEqual([[], 0]);
  });
});

describe("a gate's rule", () => {
  it("passes it automatically in the sandbox alone, with a grant that says so", async () => {
    const sandbox = await opened(itinerary({ environment: "sandbox" }));
    const [granted, next] = sandbox.published;

    expect(sandbox.types().slice(0, 2)).toEqual(["approval.granted.v1", "apply.requested.v1"]);
    expect(granted?.data).toMatchObject({ decidedBy: { rule: "automatic" }, seconds: 0 });
    const grant = sandbox.dataOf<{ grant: string }>("approval.granted.v1")?.grant ?? "";
    expect(await readGrant(grant, publicKey)).toMatchObject({
      environment: "sandbox",
      decidedBy: { rule: "automatic" },
    });
    expect(next?.data).toMatchObject({ slip: { log: [{ step: "plan" }, { step: "approve", output: { grant } }] } });
    expect((await opened()).types()).toEqual(["approval.opened.v1"]);
  });

  it("passes it automatically nowhere else, whatever a policy says", async () => {
    const rules: Record<string, ApprovalRule> = policies.infrastructure;
    const { staging } = policies.infrastructure;
    rules.staging = "automatic";
    try {
      expect((await opened()).types()).toEqual(["approval.opened.v1"]);
    } finally {
      rules.staging = staging;
    }
  });

  it.each([
    [
      "changes nothing and nothing follows",
      withoutConfiguration(),
      emptyPlan(),
      ["approval.granted.v1", "apply.requested.v1"],
    ],
    [
      "changes nothing, and what follows changes nothing",
      itinerary({
        steps: [
          ...withoutConfiguration().steps,
          { name: "check", kind: "scan", config: { profile: "probe", of: "apply" } },
        ],
      }),
      emptyPlan(),
      ["approval.granted.v1", "apply.requested.v1"],
    ],
    ["changes nothing but a configuration follows", itinerary(), emptyPlan(), ["approval.opened.v1"]],
    [
      "changes nothing but a step follows of which nobody knows what it does",
      itinerary({ steps: [...withoutConfiguration().steps, { name: "tidy", kind: "elsewhere", config: {} }] }),
      emptyPlan(),
      ["approval.opened.v1"],
    ],
    [
      "changes nothing but an apply of another gate follows",
      itinerary({
        steps: [
          ...withoutConfiguration().steps,
          { name: "apply-b", kind: "apply", config: { plan: "plan", approval: "approve-b" } },
        ],
      }),
      emptyPlan(),
      ["approval.opened.v1"],
    ],
    [
      "is empty and was made to remove everything",
      withoutConfiguration({
        steps: withoutConfiguration().steps.map((step) =>
          step.kind === "plan" ? { ...step, config: { ...step.config, destroy: true } } : step,
        ),
      }),
      emptyPlan(),
      ["approval.opened.v1"],
    ],
    [
      "changes nothing but the account holds what no state knows",
      withoutConfiguration(),
      emptyPlan({ orphans: { count: 1, first: ["i-0abc"] } }),
      ["approval.opened.v1"],
    ],
    ["changes something", withoutConfiguration(), planOutput(), ["approval.opened.v1"]],
    [
      "changes nothing where nobody may approve",
      withoutConfiguration({ environment: "elsewhere" }),
      emptyPlan(),
      ["approval.opened.v1"],
    ],
  ])("asks nobody only where there is nothing to decide: a plan that %s", async (_case, of, output, types) => {
    expect((await opened(of, output)).types()).toEqual(types);
  });

  it("asks more people where something is destroyed, if the policy says so", async () => {
    const needed = async (environment: string, output = planOutput()) =>
      (await opened(itinerary({ environment }), output)).dataOf<{ needed: number }>("approval.opened.v1")?.needed;

    expect(await needed("production")).toBe(1);
    expect(await needed("production", destructivePlan())).toBe(2);
    expect(await needed("staging", destructivePlan())).toBe(1);
  });

  it("names nobody where the policy knows no such environment: the gate opens and will expire", async () => {
    const here = await opened(itinerary({ environment: "elsewhere" }));

    expect(here.dataOf("approval.opened.v1")).toMatchObject({ groups: [], needed: 1 });
  });
});

describe("a newer attempt of a gate", () => {
  const again = async (here: World) => {
    await keepPlan(here.ports, planned(planOutput({ epoch: 1 }), 2));
    await askForGate(here.ports, asked(plannedSlip(itinerary(), planOutput({ epoch: 1 }), 2), 2, eventNumber(4)));
  };

  it("takes the place of the older one, about the newer plan", async () => {
    const here = await opened();

    await again(here);

    expect(await here.store.gate({ request: REQUEST, step: APPROVE })).toMatchObject({
      ref: { attempt: 2 },
      of: { attempt: 2 },
      plan: { epoch: 1 },
    });
    expect(here.idsOf("approval.opened.v1")).toHaveLength(2);
  });

  it("is not undone by the older one's question, when that comes again", async () => {
    const here = await opened();
    await again(here);
    const before = here.published.length;

    await askForGate(here.ports, asked());

    expect(here.published).toHaveLength(before);
    expect((await here.store.gate({ request: REQUEST, step: APPROVE }))?.ref.attempt).toBe(2);
  });
});
