import type { Service } from "@sluice/events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Flow, newRequestId, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";
import { handled, handledAgain, withhold } from "./late-deliveries.ts";

/** Two deliveries to one service that can swap do swap: the first comes only when the second has been handled. All other orders are in test/model and the services' property tests. */
let flow: Flow;
beforeAll(async () => {
  flow = await startFlow("swapped");
});
afterAll(() => flow?.stop());

const pairs: readonly [service: Service, late: string, early: string][] = [
  ["provisioner", "request.accepted.v1", "plan.requested.v1"],
  ["approvals", "request.accepted.v1", "approval.requested.v1"],
  ["approvals", "request.accepted.v1", "plan.completed.v1"],
  ["approvals", "plan.completed.v1", "approval.requested.v1"],
  ["compliance", "request.accepted.v1", "apply.completed.v1"],
  ["compliance", "request.accepted.v1", "scan.requested.v1"],
  ["compliance", "apply.completed.v1", "scan.requested.v1"],
  ["intake", "plan.requested.v1", "plan.completed.v1"],
  ["intake", "plan.completed.v1", "approval.requested.v1"],
  ["intake", "plan.completed.v1", "approval.granted.v1"],
  ["intake", "approval.granted.v1", "apply.completed.v1"],
  ["intake", "apply.requested.v1", "apply.completed.v1"],
  ["intake", "apply.completed.v1", "configuration.completed.v1"],
  ["intake", "configuration.completed.v1", "scan.completed.v1"],
  ["notifier", "request.accepted.v1", "plan.completed.v1"],
  ["notifier", "plan.completed.v1", "approval.granted.v1"],
  ["notifier", "approval.granted.v1", "apply.completed.v1"],
  ["notifier", "apply.completed.v1", "request.completed.v1"],
  ["notifier", "configuration.completed.v1", "request.completed.v1"],
  ["notifier", "scan.completed.v1", "request.completed.v1"],
];

/** One pair of each service at most: what one service hears late is nothing to another, so one probe proves them all. */
const rounds: (typeof pairs)[number][][] = [];
for (const pair of pairs) {
  const free = rounds.find((round) => round.every(([service]) => service !== pair[0]));
  if (free) free.push(pair);
  else rounds.push([pair]);
}
const inWords = (round: typeof pairs) =>
  round.map(([service, late, early]) => `${service} hears ${late} only after ${early}`).join("; ");

describe("the probe goes its way, once, when", () => {
  it.each(rounds.map((round, number) => [inWords(round), round, number] as const))("%s", async (_, round, number) => {
    await flow.heardAll(round.map(([service]) => service)); // What the last probe left would be counted with this one's.
    const request = newRequestId();
    const swaps = await Promise.all(round.map(([service, late, early]) => swap(request, service, late, early)));
    await flow.propose({ request, name: `swap-${number}` });
    await Promise.all(swaps.map((whenProposed) => whenProposed()));

    expect((await flow.ended(request)).type).toBe("request.completed.v1");
    await holdInvariants(flow, request, "sandbox");
  });
});

/** Keeps the late event back now; the function that it gives brings it when the early one has been handled. */
async function swap(request: string, service: Service, late: string, early: string): Promise<() => Promise<void>> {
  const before = await handled(flow, service, early);
  const held = await withhold(flow, service, late);
  return async () => {
    try {
      await flow.heard(request, early);
      await handledAgain(flow, service, early, before);
    } finally {
      await held.end();
    }
    const withheld = flow.events.of(request, late);
    expect(withheld.length).toBeGreaterThan(0);
    for (const event of withheld) await held.deliver(event);
  };
}
