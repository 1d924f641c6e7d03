import { expect, it } from "vitest";
import { healthOf, rememberedHealth } from "../../src/core/health.ts";

it("is up when everything is, and says nothing else", async () => {
  expect(await healthOf({ requests: async () => true, slack: async () => true })).toEqual({
    status: "up",
    dependencies: { requests: "up", slack: "up" },
  });
});

it("is down when one thing is, also when asking fails, and names no cause", async () => {
  const failing = async () => {
    throw new Error("arn:aws:dynamodb:eu-west-1:000000000000:table/x is not there");
  };

  expect(await healthOf({ requests: failing, directory: async () => false, slack: async () => true })).toEqual({
    status: "down",
    dependencies: { requests: "down", directory: "down", slack: "up" },
  });
});

it("asks once in five seconds, however many want to know, and remembers also that something is down", async () => {
  const clock = { now: 0 };
  let asked = 0;
  const isUp = [false, true];
  const health = rememberedHealth({ requests: async () => isUp[asked++] ?? false }, () => clock.now);

  const flood = await Promise.all(Array.from({ length: 100 }, () => health()));
  clock.now = 4_999;
  const later = await health();
  expect({ asked, statuses: new Set([...flood, later].map(({ status }) => status)) }).toEqual({
    asked: 1,
    statuses: new Set(["down"]),
  });

  clock.now = 5_000;
  expect(await health()).toMatchObject({ status: "up" });
  expect(asked).toBe(2);
});
