import { once } from "node:events";
import { createServer } from "node:net";
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
  await expect.poll(done, { timeout: 60_000, interval: 5 }).toBeGreaterThan(2);

  await cloud.host.kill();
  const doneWhenKilled = done();
  await cloud.host.restart();

  expect(doneWhenKilled).toBeLessThan(30);
  await expect.poll(done, { timeout: 60_000, interval: 25 }).toBe(30);
  await expect.poll(() => cloud.left(), { timeout: 60_000, interval: 25 }).toBe(0);
  expect(await cloud.deadLetters()).toEqual([]);
});

it("answers after a restart, also when somebody else has taken its port meanwhile", async () => {
  const { url, pid } = cloud.host;
  await cloud.host.kill();
  const other = createServer();
  const takesPort = () => {
    other.listen(Number(new URL(url).port), "127.0.0.1");
    return once(other, "listening").then(
      () => true,
      () => false, // The kernel is still clearing up after the killed host.
    );
  };
  await expect.poll(takesPort, { timeout: 60_000 }).toBe(true);

  await cloud.host.restart();

  expect(cloud.host.pid).not.toBe(pid);
  expect((await fetch(`${cloud.host.url}/things/7`)).status).toBe(200);
  other.close();
});
