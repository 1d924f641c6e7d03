import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { slackMessenger } from "../src/adapters/slack-messenger.ts";
import { slackFromSecret } from "../src/adapters/slack-secret.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A Slack that takes one token and answers everybody else with this error; and a secret in which that token may stand. */
async function slack(error: string) {
  const server = createServer((request, response) => {
    const known = request.headers.authorization === "Bearer xoxb-new";
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(known ? { ok: true, channel: "C1", ts: "1.1" } : { ok: false, error }));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  ends.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const secret: Record<string, unknown> = { botToken: "xoxb-old", team: "T1" };
  const secrets = { send: async () => ({ SecretString: JSON.stringify(secret) }) };
  const told = { refused: [] as string[], unusable: [] as string[] };
  const messenger = slackMessenger(
    slackFromSecret(secrets as never, "arn", `http://127.0.0.1:${port}/api/`),
    () => 1_000,
    { refused: (said) => told.refused.push(said), unusable: (said) => told.unusable.push(said) },
  );
  return { secret, told, post: () => messenger.post("C1", { text: "hello" }) };
}

describe("a message", () => {
  it.each(["invalid_auth", "token_expired", "token_revoked", "not_in_channel"])(
    "waits while Slack says %s, and goes out with the token that is in the secret then",
    async (error) => {
      const { secret, told, post } = await slack(error);

      expect(await post()).toEqual({ laterAtMs: 61_000 });
      expect(told).toEqual({ refused: [], unusable: [error] });

      secret.botToken = "xoxb-new";
      expect(await post()).toEqual({ done: { channel: "C1", ts: "1.1" } });
    },
  );

  it.each([
    ["no token", { botToken: undefined }],
    ["a token of blanks", { botToken: "  " }],
    ["no workspace", { team: undefined }],
    ["the signing secret beside the token", { signingSecret: "8f742231b10e8888" }],
  ])("waits, without a call, while the secret has %s, and goes out when it is right", async (_, wrong) => {
    const { secret, told, post } = await slack("never asked");
    const right = { ...secret, botToken: "xoxb-new" };
    Object.assign(secret, wrong);

    expect(await post()).toEqual({ laterAtMs: 61_000 });
    expect(told).toEqual({ refused: [], unusable: ["not_configured"] });

    Object.assign(secret, { signingSecret: undefined }, right);
    expect(await post()).toEqual({ done: { channel: "C1", ts: "1.1" } });
  });

  it("that Slack will never take is not tried again", async () => {
    const { told, post } = await slack("msg_too_long");

    expect(await post()).toEqual({ never: "msg_too_long" });
    expect(told).toEqual({ refused: ["msg_too_long"], unusable: [] });
  });
});
