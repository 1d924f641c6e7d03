import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { InvocationFailed } from "../execution-environment.ts";
import { startFixtureCloud } from "./fixture-cloud.ts";

interface Probed {
  now: number;
  made: string;
  fixed: number;
  isDate: boolean;
  before: number;
  after: number;
  context: Record<string, string>;
  env: Record<string, string>;
}

let cloud: Awaited<ReturnType<typeof startFixtureCloud>>;
beforeAll(async () => {
  cloud = await startFixtureCloud({ idleMs: 300 });
});
afterAll(() => cloud.stop());

const DAY_MS = 86_400_000;
const probe = async (event = {}) => (await cloud.host.invoke("Probe", event)) as Probed;

it("gives a function its own variables with real values, a session of its own role, and nothing of ours", async () => {
  process.env.SECRET_OF_THE_PARENT = "x";

  const { env, context } = await probe();

  expect(env).toMatchObject({
    OWN: "real-value",
    AWS_REGION: "eu-west-1",
    AWS_LAMBDA_FUNCTION_NAME: context.functionName,
  });
  expect(env.AWS_ACCESS_KEY_ID).toMatch(/^ASIA/);
  expect(env.AWS_SESSION_TOKEN).toBeTruthy();
  expect(env._X_AMZN_TRACE_ID).toMatch(/^Root=1-/);
  expect([env.SECRET_OF_THE_PARENT, env.MALLOC_ARENA_MAX]).toEqual([undefined, undefined]);
});

it("is found by resource name, SST name, function name and ARN, and says which functions there are otherwise", async () => {
  for (const name of ["ProbeFunction", "Probe", "app-test-ProbeFunction-x"])
    expect(await cloud.host.invoke(name, {})).toMatchObject({ fixed: 0 });

  await expect(cloud.host.invoke("Nobody", {})).rejects.toThrow(/No function Nobody. There are .*ProbeFunction/);
});

it.each([
  ["its own error", { refuse: "not so" }, { errorType: "RangeError", errorMessage: "not so" }],
  ["an exit", { exit: 4 }, { errorType: "Runtime.ExitError" }],
  ["a time-out", { wait: 60_000 }, { errorType: "Sandbox.Timedout" }],
])("fails with %s", async (_, event, detail) => {
  const failure = await probe(event).catch((cause: unknown) => cause);

  expect(failure).toBeInstanceOf(InvocationFailed);
  expect(failure).toMatchObject({ detail });
});

it("shows the moved clock at once in a worker that lives, while its deadline stays", async () => {
  const running = probe({ wait: 200 });
  cloud.clock.advance(-3 * DAY_MS);
  const { now, made, fixed, isDate, before, after } = await running;

  expect(Math.abs(now - cloud.clock.now())).toBeLessThan(1_000);
  expect(Math.abs(Date.parse(made) - cloud.clock.now())).toBeLessThan(1_000);
  expect({ fixed, isDate }).toEqual({ fixed: 0, isDate: true });
  expect(before - after).toBeLessThan(1_000);
});

it("runs what is scheduled each minute when asked, with the clock's time", async () => {
  const before = cloud.diary().length;

  await cloud.host.tick();

  const event = JSON.parse(cloud.diary().at(-1) ?? "{}");
  expect(cloud.diary().length).toBeGreaterThan(before); // By two where a minute of its own begins just now.
  expect(event).toMatchObject({
    version: "0",
    "detail-type": "Scheduled Event",
    source: "aws.events",
    account: "000000000000",
    region: "eu-west-1",
    resources: ["arn:aws:events:eu-west-1:000000000000:rule/each-minute"],
    detail: {},
  });
  expect(Math.abs(Date.parse(event.time) - cloud.clock.now())).toBeLessThan(2_000);
});

it("runs what is scheduled when the clock is moved", async () => {
  cloud.clock.advance(DAY_MS);

  const last = () => JSON.parse(cloud.diary().at(-1) ?? "{}").time;
  const day = new Date(cloud.clock.now()).toISOString().slice(0, 10);
  await expect.poll(last, { timeout: 60_000 }).toContain(day);
});

it("never has more workers of a function than it may: the other calls wait", async () => {
  await Promise.all(Array.from({ length: 12 }, () => probe({ wait: 100 })));

  const workers = cloud.trace().flatMap(({ coldStart, workers }) => (coldStart === "ProbeFunction" ? [workers] : []));
  expect(Math.max(...workers.map(Number))).toBe(2);
});

it("starts anew after it has been idle, and writes what it prints to one log", async () => {
  const lastOf = (what: string) => cloud.trace().findLast((entry) => entry[what] === "ProbeFunction");
  await probe();
  await expect.poll(() => lastOf("reaped")?.workers, { timeout: 60_000 }).toBe(0);
  const before = lastOf("coldStart");

  await probe();

  expect(lastOf("coldStart")).not.toEqual(before);
  expect(readFileSync(cloud.host.logFile, "utf8")).toContain("probed\n");
});
