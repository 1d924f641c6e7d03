import { expect, it } from "vitest";
import { hasValue } from "../src/adapters/secret-description.ts";

it.each([
  ["has a value", true, { VersionIdsToStages: { v2: ["AWSCURRENT"], v1: ["AWSPREVIOUS"] } }],
  ["was made and never given one", false, {}],
  ["has one that is not in force yet", false, { VersionIdsToStages: { v1: ["AWSPENDING"] } }],
  ["is being deleted", false, { VersionIdsToStages: { v1: ["AWSCURRENT"] }, DeletedDate: new Date() }],
])("a secret that %s: %s", async (_, expected, described) => {
  const client = { send: async () => described } as unknown as Parameters<typeof hasValue>[0];

  expect(await hasValue(client, "arn")).toBe(expected);
});
