import { expect, it } from "vitest";
import { healthOf } from "../../src/core/health.ts";

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
