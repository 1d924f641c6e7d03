import { afterAll, beforeAll, expect, it } from "vitest";
import { startFixtureCloud } from "./fixture-cloud.ts";

let cloud: Awaited<ReturnType<typeof startFixtureCloud>>;
beforeAll(async () => {
  cloud = await startFixtureCloud({ maxReceiveCount: 3 });
});
afterAll(() => cloud.stop());

const WITHIN = { timeout: 60_000, interval: 25 };
const times = (line: string) => cloud.diary().filter((entry) => entry === line).length;
const failures = () => cloud.trace().filter(({ failed, errorType }) => failed === "ConsumerFunction" && errorType);

it("deletes a message that is done", async () => {
  await cloud.send("good 1");

  await expect.poll(() => times("done good 1"), WITHIN).toBe(1);
  await expect.poll(() => cloud.left(), WITHIN).toBe(0);
});

it("brings only the failed messages of a batch back, and parks them when they have been received too often", async () => {
  await cloud.send("good 2", "fail 2", "good 3");

  await expect.poll(() => cloud.deadLetters(), WITHIN).toEqual(["fail 2"]);
  expect(times("began fail 2")).toBe(3);
  expect([times("done good 2"), times("done good 3")]).toEqual([1, 1]);
});

it("brings a whole batch back when the function throws", async () => {
  await cloud.send("throw 4");

  await expect.poll(() => cloud.deadLetters(), WITHIN).toEqual(["throw 4"]);
  expect(times("began throw 4")).toBe(3);
  expect(failures().at(-1)).toMatchObject({ errorType: "TypeError", errorMessage: "this batch cannot be done" });
});

it("replaces a worker that crashed", async () => {
  await cloud.send("crash 5");

  await expect.poll(() => cloud.deadLetters(), WITHIN).toEqual(["crash 5"]);
  expect(failures().at(-1)).toMatchObject({ errorType: "Runtime.ExitError" });
  await cloud.send("good 5");
  await expect.poll(() => times("done good 5"), WITHIN).toBe(1);
});

it("kills a worker that is in a busy loop when its time is over", async () => {
  await cloud.send("hang 6");

  await expect.poll(() => cloud.deadLetters(), WITHIN).toEqual(["hang 6"]);
  expect(failures().at(-1)).toMatchObject({
    errorType: "Sandbox.Timedout",
    errorMessage: expect.stringMatching(/Task timed out after 1.00 seconds$/),
  });
  await cloud.send("good 6");
  await expect.poll(() => times("done good 6"), WITHIN).toBe(1);
});

it("hands a message's trace on to the function", async () => {
  const header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
  await cloud.sendTraced("trace", header);

  await expect.poll(() => times(`trace ${header}`), WITHIN).toBe(1);
});
