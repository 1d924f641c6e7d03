import type { Service } from "@sluice/events";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Call } from "../../local/front/front.ts";
import { type Flow, isWriteOf, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";

/**
 * The Lambda host is killed after a write has committed and before its answer is sent: the worst moment that there is. A run of its own for each write of
 * those who decide what is applied; one run for each other service, killed after every write.
 */
let flow: Flow;
beforeAll(async () => {
  flow = await startFlow("crashes");
});
afterAll(() => flow?.stop());
afterEach(() => flow.cloud.front.faults.clear());

/** `npm run faults` kills after every write; otherwise after every fifth, which keeps `npm test` short. */
const STRIDE = process.env.FAULTS === "all" ? 1 : 5;
const HOUR_MS = 3_600_000;

let runs = 0;
const nextName = () => `crash-${++runs}`;

async function walk(environment: "sandbox" | "staging"): Promise<string> {
  const request = await flow.propose({ name: nextName(), environment });
  if (environment === "staging") {
    await flow.heard(request, "approval.opened.v1");
    await flow.decide(request);
  }
  return request;
}

/** Kills the host after those writes of a service that are chosen. Says how often it did. */
function killAfter(service: Service, chosen: { skip?: number; times?: number; only?: (call: Call) => boolean }) {
  const { only = () => true, ...which } = chosen;
  const kills = { count: 0 };
  let under = Promise.resolve();
  flow.cloud.front.faults.add({
    name: `the host is killed after a write of ${service}`,
    when: "after",
    matches: (call) => isWriteOf(service)(call) && only(call),
    ...which,
    do: () => {
      kills.count += 1;
      under = under.then(() => flow.cloud.lambda.restart()); // Kills without grace first.
      return under;
    },
  });
  return kills;
}

/** Says yes to the first two writes of each item. What comes again writes again, so a kill after each of them would never let it get further. */
function twiceAnItem(): (call: Call) => boolean {
  const seen = new Map<string, number>();
  return ({ body }) => {
    const keys = [...JSON.stringify(body ?? {}).matchAll(/"(?:pk|sk)":\{"S":"([^"]*)"/g)].map(([, key]) => key);
    const times = seen.get(keys.join()) ?? 0;
    seen.set(keys.join(), times + 1);
    return times < 2;
  };
}

/** How many writes of a service one clean walk makes. */
async function writesOf(service: Service, environment: "sandbox" | "staging"): Promise<number> {
  let count = 0;
  const stop = flow.cloud.front.faults.add({
    name: `writes of ${service} are counted`,
    when: "after",
    matches: isWriteOf(service),
    do: () => {
      count += 1;
    },
  });
  expect((await flow.ended(await walk(environment))).type).toBe("request.completed.v1");
  stop();
  return count;
}

describe.each([
  ["provisioner", "sandbox"],
  ["approvals", "staging"],
] as const)("the host is killed after a write of %s", (service, environment) => {
  it("each of them, in a run of its own: the probe goes its way, once", { timeout: HOUR_MS }, async () => {
    const writes = await writesOf(service, environment);
    expect(writes).toBeGreaterThan(3);

    for (let skip = 0; skip < writes; skip += STRIDE) {
      const kills = killAfter(service, { skip, times: 1 });
      const request = await walk(environment);
      const end = await flow.ended(request);
      flow.cloud.front.faults.clear();

      expect(end.type, `killed after write ${skip + 1} of ${writes}`).toBe("request.completed.v1");
      await holdInvariants(flow, request, environment);
      if (kills.count === 0) break; // A crash can make the walk shorter by a write; then this was the last one.
    }
  });
});

describe.each(["intake", "notifier", "compliance"] as const)("the host is killed after writes of %s", (service) => {
  it("again and again: the probe goes its way, once", async () => {
    const kills = killAfter(service, { only: twiceAnItem() });
    const request = await walk("sandbox");

    const end = await flow.ended(request);
    flow.cloud.front.faults.clear();

    expect(kills.count).toBeGreaterThan(1);
    expect(end.type).toBe("request.completed.v1");
    await holdInvariants(flow, request, "sandbox");
  });
});

describe.each(["intake", "provisioner", "approvals", "notifier", "compliance"] as const)(
  "writes of %s commit and time out",
  (service) => {
    it("every other one: the probe goes its way, once", async () => {
      let writes = 0;
      flow.cloud.front.faults.add({
        name: "the answer is lost",
        when: "after",
        matches: (call) => isWriteOf(service)(call) && ++writes % 2 === 1,
        do: "drop-answer",
      });
      const request = await walk("staging");

      const end = await flow.ended(request);
      flow.cloud.front.faults.clear();

      expect(end.type).toBe("request.completed.v1");
      await holdInvariants(flow, request, "staging");
    });
  },
);
