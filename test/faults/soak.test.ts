import { type PauseReason, pausingFor, plan, services } from "@sluice/events";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, type Flow, isWriteOf, startFlow, withFastClock } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";
import { lieAway } from "./soaked-lies.ts";

/**
 * Many probes at once, some for one workspace, while the host, builds, Slack and answers of the store die at random moments: a kill that no write announces
 * finds other things than one that follows a write. All choices come from the seed; what the machine does between two of them is its own. The clock runs
 * some twelve times as fast, so that sweeps and second askings, which mend after minutes, happen many times in one soak.
 */
const SECONDS = Number(process.env.SOAK_MINUTES ?? 1 / 4) * 60;
/** One that nobody has seen yet, so that each run of the tests looks elsewhere; the name of the test says which. */
const SEED = process.env.SOAK_SEED ? Number(process.env.SOAK_SEED) : Date.now() % 1_000_000;
/** Whether builds of one environment lie as well, but for those that apply: about once a minute of the fast clock. */
const LIES = process.env.SOAK_LIES === "1";
const LIED_TO = "sandbox";
const LIE_EVERY_MS = 5_000;
const OPEN_AT_ONCE = 6;
const WORKSPACES = 4;
const SETTLES_IN_MS = 240_000;

let flow: Flow;
beforeAll(async () => {
  flow = await startFlow("soak");
});
afterAll(() => flow?.stop());

const timeout = (SECONDS + 900) * 1_000;

it(`loses and doubles nothing in ${SECONDS} s with seed ${SEED}${LIES ? ` while builds of the ${LIED_TO} lie` : ""}`, {
  timeout,
}, async () => {
  const random = randomOf(SEED);
  const until = Date.now() + SECONDS * 1_000;
  const asked: Asked = new Map();
  const done: Record<string, number> = {};
  const lies: Record<string, number> = {};

  const ends: Record<string, number> = {};
  await withFastClock(flow.cloud, async () => {
    const chaos = makeTrouble(random, until, done);
    const liars = LIES ? tellLies(until, lies) : undefined;
    liars?.catch(() => undefined); // Told where it is awaited.
    await askAway(random, until, asked);
    await Promise.all([chaos, liars]);
    for (const { outcome } of asked.values()) count(ends, await outcome);
  });
  for (const [request, { environment }] of asked) await holdInvariants(flow, request, environment);

  const begun = flow.runs().filter(({ command }) => command === "apply").length;
  const finished = new Set(flow.events.all.filter(({ type }) => type === "apply.completed.v1").map(({ id }) => id))
    .size;
  const spentBy = await flow.spentGrants();
  const spent = spentBy.length;
  console.log(
    `soak: seed ${SEED}, ${SECONDS} s, ${asked.size} requests ${told(ends)}; ${told(done)}; ` +
      `applies: ${begun} begun, ${finished} finished, ${spent} grants spent${LIES ? `; lies: ${told(lies)}` : ""}`,
  );
  for (const [request] of asked)
    expect(
      spentBy.filter((grant) => grant.request === request).length,
      `${request} was applied more often than it was approved`,
    ).toBeLessThanOrEqual(new Set(flow.events.of(request, "approval.granted.v1").map(({ id }) => id)).size);
  const suspected = flow.logged().filter((line) => line.includes("is not what an honest build leaves"));
  expect(suspected.filter((line) => !LIES || !line.includes(`"environment":"${LIED_TO}"`))).toEqual([]);
  expect(asked.size).toBeGreaterThan(3);
  expect(begun).toBeLessThanOrEqual(spent);
  expect(finished).toBeLessThanOrEqual(begun);
});

/** What became of each request. */
type Asked = Map<string, { environment: string; outcome: Promise<string> }>;

/** Asks for one probe after the other, so many open at once, until it is time. */
async function askAway(random: () => number, until: number, asked: Asked): Promise<void> {
  let open = 0;
  while (Date.now() < until) {
    if (open >= OPEN_AT_ONCE) {
      await pause(100);
      continue;
    }
    const environment = random() < 0.7 ? "sandbox" : "staging";
    const seconds = pick(random, [
      [0, 0, 0],
      [0, 1, 0],
      [1, 1, 1],
    ]);
    const request = await flow.propose({ name: `soak-${Math.floor(random() * WORKSPACES)}`, environment, seconds });
    open += 1;
    const outcome = follow(request, random() < 0.85 ? "approve" : "reject").finally(() => {
      open -= 1;
    });
    outcome.catch(() => undefined); // Told where it is awaited.
    asked.set(request, { environment, outcome });
  }
}

const ENDS = /^request\.(completed|rejected|expired|withdrawn|failed|refused)\.v1$/;

/** Decides, goes on after each pause, and clicks again where a click came too late to count, as people would, until the request has ended. */
async function follow(request: string, verdict: "approve" | "reject"): Promise<string> {
  const heard = (type: RegExp) => flow.events.of(request).filter((event) => type.test(event.type));
  const answered = new Set<string>();
  for (let seen: string[] = []; ; ) {
    const [end] = heard(ENDS);
    if (end) return endInWords(end.type, end.detail.data.code);

    for (const { id, type, detail } of heard(ASKS)) {
      if (answered.has(id)) continue;
      answered.add(id);
      await answer(type, detail.data);
    }
    const before = seen.length;
    seen = await eventually(
      `something to become of ${request}`,
      async () => flow.events.of(request).map(({ type }) => type),
      ({ length }) => length > before,
      SETTLES_IN_MS,
    );
  }

  function answer(type: string, data: unknown) {
    const { gate, code, reason, step, attempt } = data as Asks;
    if (type === "request.paused.v1")
      return pausingFor(reason).goesOnWith === plan.kind ? planAgain() : flow.repeat(request, step, attempt);
    if (type === "approval.opened.v1" || code === "stale") {
      return gate ? flow.decide(request, "carol", gate.attempt, verdict) : flow.repeat(request, step, attempt);
    }
    return undefined; // Nothing to press again: somebody was faster, or it has ended.
  }

  function planAgain() {
    const plans = heard(/^plan\.(completed|failed)\.v1$/).map(({ detail }) => Number(detail.data.attempt));
    return flow.repeat(request, "plan", Math.max(1, ...plans));
  }
}

/** `completed`, or `failed (could_not_start)`. */
function endInWords(type: string, code: unknown): string {
  const [, word] = type.split(".");
  return code ? `${word} (${code})` : `${word}`;
}

/** What wants an answer of somebody. */
const ASKS = /^(approval\.opened|decision\.refused|request\.paused|repetition\.refused)\.v1$/;
type Asks = Readonly<{ gate?: { attempt: number }; code?: string; reason: PauseReason; step: string; attempt: number }>;

/** Kills something every few seconds, and says how often what. */
async function makeTrouble(random: () => number, until: number, done: Record<string, number>): Promise<void> {
  const { cloud } = flow;
  const troubles: Record<string, () => Promise<unknown> | undefined> = {
    "host kills": () => cloud.lambda.restart(),
    "build kills": () => {
      const running = cloud.codebuild.builds().filter(({ endedAt }) => endedAt === undefined);
      return running.length > 0 ? cloud.codebuild.kill(pick(random, running).id) : undefined;
    },
    "Slack outages": async () => {
      const status = pick(random, [429, 500, 503]);
      cloud.slack.faults.add({ method: "*", status, ...(status === 429 && { retryAfterSeconds: 1 }), times: 6 });
    },
    "lost answers": async () => {
      const service = pick(random, services);
      cloud.front.faults.add({
        name: "an answer is lost",
        when: "after",
        matches: isWriteOf(service),
        times: 2,
        do: "drop-answer",
      });
    },
  };
  while (Date.now() < until) {
    await pause(1_500 + random() * 4_500);
    const what = pick(random, Object.keys(troubles));
    const made = troubles[what]?.();
    if (!made) continue;
    await made;
    count(done, what);
  }
  cloud.front.faults.clear();
  cloud.slack.faults.clear();
}

/** Choices of their own, so that the rest of the soak is as without lies. */
function tellLies(until: number, lies: Record<string, number>): Promise<void> {
  const random = randomOf(SEED + 1);
  return lieAway(
    flow,
    { environment: LIED_TO, everyMs: LIE_EVERY_MS, until },
    (from) => pick(random, from),
    (what) => count(lies, what),
  );
}

/** mulberry32, of the public domain: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pick<T>(random: () => number, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const count = (counts: Record<string, number>, name: string) => {
  counts[name] = (counts[name] ?? 0) + 1;
};
const told = (counts: Record<string, number>) =>
  Object.entries(counts)
    .map(([name, number]) => `${number} ${name}`)
    .join(", ");
