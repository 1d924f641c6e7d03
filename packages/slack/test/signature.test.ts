import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signSlackRequest, verifySlackSignature } from "../src/signature.ts";

/** Slack's documented example: https://docs.slack.dev/authentication/verifying-requests-from-slack */
const DOCUMENTED = {
  secret: "8f742231b10e8888abcd99yyyzzz85a5",
  rawBody: Buffer.from(
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
  ),
  timestamp: "1531420618",
  signature: "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
  now: 1_531_420_618_000,
};

describe("verifying that Slack sent it", () => {
  it("accepts Slack's documented example", () => {
    expect(verifySlackSignature(DOCUMENTED)).toBe("ok");
  });

  it.each([
    ["without a timestamp", { timestamp: undefined }, "missing"],
    ["without a signature", { signature: undefined }, "missing"],
    ["with a timestamp that is no number", { timestamp: "1531420618 " }, "malformed"],
    ["with a timestamp in another notation", { timestamp: "1.531420618e9" }, "malformed"],
    ["with another version of signature", { signature: DOCUMENTED.signature.replace("v0", "v1") }, "malformed"],
    ["with an upper-case signature", { signature: DOCUMENTED.signature.toUpperCase() }, "malformed"],
    ["with a signature cut short", { signature: DOCUMENTED.signature.slice(0, -1) }, "malformed"],
    ["five minutes and a second old", { now: DOCUMENTED.now + 301_000 }, "stale"],
    ["from five minutes and a second ahead", { now: DOCUMENTED.now - 301_000 }, "stale"],
    ["signed with another secret", { secret: "another" }, "mismatch"],
    ["with another timestamp", { timestamp: "1531420619" }, "mismatch"],
    ["with one byte more", { rawBody: Buffer.concat([DOCUMENTED.rawBody, Buffer.from("&")]) }, "mismatch"],
  ] as const)("refuses a request %s", (_case, change, verdict) => {
    expect(verifySlackSignature({ ...DOCUMENTED, ...change })).toBe(verdict);
  });

  it("accepts up to five minutes on both sides", () => {
    for (const now of [DOCUMENTED.now + 300_000, DOCUMENTED.now - 300_000])
      expect(verifySlackSignature({ ...DOCUMENTED, now })).toBe("ok");
  });

  it.each(["", " ", "\t\n", "\u200b\u3164"])("never passes because of %j, which is no secret", (secret) => {
    expect(() => verifySlackSignature({ ...DOCUMENTED, secret })).toThrow("secret is empty");
    expect(() => signSlackRequest({ ...DOCUMENTED, secret })).toThrow("secret is empty");
  });

  it("accepts what was signed, for any body, and nothing else", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (bytes, place, flip) => {
          const rawBody = Buffer.from(bytes);
          const now = Date.UTC(2026, 10, 23);
          const headers = signSlackRequest({ secret: "s", rawBody, now });
          const request = {
            secret: "s",
            timestamp: headers["x-slack-request-timestamp"],
            signature: headers["x-slack-signature"],
            now,
          };
          const changed = Buffer.from(bytes.length ? bytes : [0]);
          const at = place % changed.length;
          changed[at] = (changed[at] ?? 0) ^ flip;

          expect(verifySlackSignature({ ...request, rawBody })).toBe("ok");
          expect(verifySlackSignature({ ...request, rawBody: changed })).toBe("mismatch");
        },
      ),
    );
  });
});
