import { afterAll, beforeAll, expect, it } from "vitest";
import { startFixtureCloud } from "./fixture-cloud.ts";

let cloud: Awaited<ReturnType<typeof startFixtureCloud>>;
beforeAll(async () => {
  cloud = await startFixtureCloud({ maxReceiveCount: 5, batchSize: 1 });
});
afterAll(() => cloud.stop());

it("loses no message and parks none when it is killed in the middle of thirty", async () => {
  const bodies = Array.from({ length: 30 }, (_, n) => `slow ${n}`);
  const done = () => new Set(cloud.diary().filter((line) => line.startsWith("done slow"))).size;
  await cloud.send(...bodies);
  await expect.poll(done, { timeout: 15_000, interval: 5 }).toBeGreaterThan(2);

  await cloud.host.kill();
  const doneWhenKilled = done();
  await cloud.host.restart();

  expect(doneWhenKilled).toBeLessThan(30);
  await expect.poll(done, { timeout: 15_000, interval: 25 }).toBe(30);
  await expect.poll(() => cloud.left(), { timeout: 15_000, interval: 25 }).toBe(0);
  expect(await cloud.deadLetters()).toEqual([]);
});

it("answers at the same address after a restart", async () => {
  const { url, pid } = cloud.host;

  await cloud.host.restart();

  expect(cloud.host.url).toBe(url);
  expect(cloud.host.pid).not.toBe(pid);
  expect((await fetch(`${url}/things/7`)).status).toBe(200);
});
