import { type Service, services } from "@sluice/events";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Call } from "../../local/front/front.ts";
import { type Flow, isWriteOf, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";

/**
 * The Lambda host is killed after a write has committed and before its answer is sent: the worst moment that there is. For those who decide what is applied,
 * in a run for each write; for each other service in one run, killed after every write. `npm test` takes a third and a quarter of them: after each
 * kill the host and all functions start anew.
 */
let flow: Flow;
beforeAll(async () => {
  flow = await startFlow("crashes");
});
afterAll(() => flow?.stop());
afterEach(() => flow.cloud.front.faults.clear());

/** `npm run faults` gives each write a run of its own, which takes many minutes; `npm test` kills after every third write of one run. */
const EACH_ALONE = process.env.FAULTS === "all";
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

/** The probe ends well, and all that a run must keep is kept. Ends the faults that were put in force. */
async function goesItsWay(environment: "sandbox" | "staging", how: string): Promise<void> {
  const request = await walk(environment);
  const end = await flow.ended(request);
  flow.cloud.front.faults.clear();

  expect(end.type, how).toBe("request.completed.v1");
  await holdInvariants(flow, request, environment);
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

/** Says yes to the first two writes of each item. What comes again writes again, so a fault after each of them would never let it get further. */
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
] as const)("the host is killed after writes of %s", (service, environment) => {
  if (EACH_ALONE)
    it("each of them, in a run of its own: the probe goes its way, once", { timeout: HOUR_MS }, async () => {
      const writes = await writesOf(service, environment);
      expect(writes).toBeGreaterThan(3);

      for (let skip = 0; skip < writes; skip += 1) {
        const kills = killAfter(service, { skip, times: 1 });
        await goesItsWay(environment, `killed after write ${skip + 1} of ${writes}`);
        if (kills.count === 0) break; // A crash can make the walk shorter by a write; then this was the last one.
      }
    });
  else
    it("every third of them, in one run: the probe goes its way, once", async () => {
      let writes = 0;
      const isEarly = twiceAnItem();
      const kills = killAfter(service, { only: (call) => isEarly(call) && ++writes % 3 === 0 });

      await goesItsWay(environment, "killed after every third write");

      expect(kills.count).toBeGreaterThan(1);
    });
});

/** Which quarter is not always the same, so that all are seen in time. */
const QUARTER = Date.now() % 4;

describe.each(["intake", "notifier", "compliance"] as const)("the host is killed after writes of %s", (service) => {
  const which = EACH_ALONE ? "each of them" : `every fourth of them, from number ${QUARTER + 1}`;

  it(`${which}, twice an item: the probe goes its way, once`, async () => {
    let writes = 0;
    const isEarly = twiceAnItem();
    const isChosen = () => EACH_ALONE || writes++ % 4 === QUARTER;
    const kills = killAfter(service, { only: (call) => isEarly(call) && isChosen() });

    await goesItsWay("sandbox", `killed after ${which}`);

    expect(kills.count).toBeGreaterThan(0);
  });
});

/** What one service loses is nothing to another: one probe proves them all, and five prove each alone. */
describe.each<[string, readonly Service[]]>(
  EACH_ALONE ? services.map((service) => [service, [service]]) : [["all services", services]],
)("writes of %s commit and time out", (_, those) => {
  it("each of them, twice an item: the probe goes its way, once", async () => {
    const lost = new Map(those.map((service) => [service, loseAnswersOf(service)]));

    await goesItsWay("staging", "the answers to each item's first two writes were lost");

    for (const [service, { count }] of lost) expect(count, service).toBeGreaterThan(1);
  });
});

/** Loses the answers to the first two writes of each item of a service. Says how many. */
function loseAnswersOf(service: Service) {
  const isLost = twiceAnItem();
  const lost = { count: 0 };
  flow.cloud.front.faults.add({
    name: `the answer to a write of ${service} is lost`,
    when: "after",
    matches: (call) => isWriteOf(service)(call) && isLost(call),
    do: () => {
      lost.count += 1;
      return "drop-answer";
    },
  });
  return lost;
}
