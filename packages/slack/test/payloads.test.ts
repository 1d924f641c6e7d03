import { describe, expect, it } from "vitest";
import { MAX_BODY_BYTES, readInteraction, readSlashCommand } from "../src/payloads.ts";

const COMMAND = {
  command: "/sluice",
  text: "help",
  team_id: "T1",
  team_domain: "not read",
  user_id: "U1",
  channel_id: "C1",
  trigger_id: "1.2.3",
  response_url: "https://hooks.slack.com/commands/1",
};
const form = (fields: Record<string, string>) => Buffer.from(new URLSearchParams(fields).toString());
const payload = (value: unknown) => form({ payload: JSON.stringify(value) });

describe("reading what Slack sends", () => {
  it("reads a command and drops the fields that we do not use", () => {
    const read = readSlashCommand(form(COMMAND));

    expect(read).toMatchObject({ ok: true, value: { text: "help", user_id: "U1" } });
    expect(read.ok && "team_domain" in read.value).toBe(false);
  });

  it.each([
    ["a command without a person", readSlashCommand, form({ ...COMMAND, user_id: "" }), "malformed"],
    ["a body that is too big", readSlashCommand, Buffer.alloc(MAX_BODY_BYTES + 1, "a"), "too-big"],
    ["no payload", readInteraction, form({ x: "1" }), "malformed"],
    ["a payload that is no JSON", readInteraction, form({ payload: "{" }), "malformed"],
    ["an unknown kind of interaction", readInteraction, payload({ type: "shortcut" }), "malformed"],
  ] as const)("refuses %s", (_case, read, body, reason) => {
    expect(read(body)).toMatchObject({ ok: false, reason });
  });

  it("never repeats the content of a body that it refuses", () => {
    const read = readSlashCommand(form({ ...COMMAND, trigger_id: "", user_id: "secret-value" }));

    expect(JSON.stringify(read)).not.toContain("secret-value");
  });
});
