import type { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { expect, it } from "vitest";
import { slackSecrets } from "../src/adapters/slack-secrets.ts";

const whole = { signing: { signingSecret: "8f742231" }, bot: { botToken: "xoxb-1", team: "T1" } };

/** Secrets Manager with both secrets, which count how often they were read. */
function world() {
  const values: Record<string, object> = { ...whole };
  const reads: string[] = [];
  const clock = { now: 0 };
  const send = async ({ input: { SecretId = "" } }: GetSecretValueCommand) => {
    reads.push(SecretId);
    return { SecretString: JSON.stringify(values[SecretId]) };
  };
  const client = { send } as unknown as Parameters<typeof slackSecrets>[0];
  const read = slackSecrets(client, { signing: "signing", bot: "bot" }, () => clock.now);
  return { values, reads, clock, read };
}

it("the door has both secrets for five minutes, and then reads them anew", async () => {
  const { values, reads, clock, read } = world();

  expect(await read()).toEqual({ signingSecret: "8f742231", botToken: "xoxb-1", team: "T1" });
  values.signing = { signingSecret: "regenerated" };
  clock.now = 299_999;
  expect(await read()).toMatchObject({ signingSecret: "8f742231" });
  clock.now = 300_000;
  expect(await read()).toMatchObject({ signingSecret: "regenerated" });
  expect(reads).toEqual(["signing", "bot", "signing", "bot"]);
});

it.each([
  ["signing", { signingSecret: "" }],
  ["signing", { signingSecret: "  " }],
  ["bot", { botToken: " ", team: "T1" }],
  ["bot", { botToken: "xoxb-1", team: "" }],
])("the door has none while the %s secret is %j, and looks again at once", async (which, wrong) => {
  const { values, read } = world();
  values[which] = wrong;

  expect(await read()).toBeUndefined();

  Object.assign(values, whole);
  expect(await read()).toBeDefined();
});
