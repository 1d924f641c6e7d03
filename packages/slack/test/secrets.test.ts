import { describe, expect, it } from "vitest";
import { BotSecret, SigningSecret, secretReader } from "../src/secrets.ts";

/** A Secrets Manager with one secret, or an error in its place. */
function holding(value: string | Error) {
  const send = async () => {
    if (value instanceof Error) throw value;
    return { SecretString: value };
  };
  return { send } as unknown as Parameters<typeof secretReader>[0];
}
const named = (name: string) => Object.assign(new Error("refused"), { name });
const read = (value: string | Error) => secretReader(holding(value), "arn", SigningSecret)();

describe("a secret of the Slack app", () => {
  it("is read as it was put", async () => {
    const bot = { botToken: "xoxb-1", team: "T1" };

    expect(await read('{"signingSecret":"8f742231"}')).toEqual({ signingSecret: "8f742231" });
    expect(await secretReader(holding(JSON.stringify(bot)), "arn", BotSecret)()).toEqual(bot);
  });

  it.each([
    ["without a value", named("ResourceNotFoundException")],
    ["without text", ""],
    ["that is no JSON", '{"signingSecret":"8f74'],
    ["without the key", "{}"],
    ["with more than the key", '{"signingSecret":"8f742231","botToken":"xoxb-1"}'],
    ["of null", '{"signingSecret":null}'],
    ["of a number", '{"signingSecret":8742231}'],
    ["of nothing", '{"signingSecret":""}'],
    ["of blanks", '{"signingSecret":"   "}'],
    ["of a line break", '{"signingSecret":"\\n"}'],
    ["of what nobody sees", '{"signingSecret":"\\u200b\\u00a0\\u3164"}'],
    ["of several words", '{"signingSecret":"put it here"}'],
  ])("%s is none", async (_, value) => {
    expect(await read(value)).toBeUndefined();
  });

  it("is what was copied, without the blanks around it", async () => {
    expect(await read('{"signingSecret":" 8f742231\\n"}')).toEqual({ signingSecret: "8f742231" });
  });

  it("that cannot be read now is not taken for none", async () => {
    await expect(read(named("ThrottlingException"))).rejects.toThrow("refused");
  });
});
