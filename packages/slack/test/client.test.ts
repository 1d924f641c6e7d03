import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { answerResponseUrl, type SlackClient, slackClient } from "../src/client.ts";

type Answer = { status: number; headers?: Record<string, string>; body: string };

let next: Answer | "silence" = { status: 200, body: "{}" };
let heard: { url: string | undefined; authorization: string | undefined; body: string } | undefined;
const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  heard = { url: request.url, authorization: request.headers.authorization, body };
  if (next === "silence") return;
  response.writeHead(next.status, next.headers).end(next.body);
});
let client: SlackClient;
let host: string;

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address && typeof address === "object" ? address.port : 0;
  host = `http://127.0.0.1:${port}`;
  client = slackClient({ token: "xoxb-secret", baseUrl: `${host}/api/`, timeoutMs: 200 });
});
beforeEach(() => {
  heard = undefined;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

describe("calling Slack", () => {
  it("posts without previews and tells where the message is", async () => {
    next = { status: 200, body: '{"ok":true,"channel":"C1","ts":"1.2"}' };

    const answer = await client.postMessage({ channel: "C1", text: "hello" });

    expect(answer).toEqual({ outcome: "done", value: { channel: "C1", ts: "1.2" } });
    expect(heard).toMatchObject({ url: "/api/chat.postMessage", authorization: "Bearer xoxb-secret" });
    expect(JSON.parse(heard?.body ?? "")).toEqual({
      channel: "C1",
      text: "hello",
      unfurl_links: false,
      unfurl_media: false,
    });
  });

  it("takes the blocks away when an update has none, so that old buttons never stay", async () => {
    next = { status: 200, body: '{"ok":true}' };

    await client.updateMessage({ channel: "C1", ts: "1.2", text: "done" });

    expect(JSON.parse(heard?.body ?? "")).toMatchObject({ text: "done", blocks: [] });
  });

  it.each([
    [
      { status: 429, headers: { "retry-after": "7" }, body: "" },
      { outcome: "rate-limited", retryAfterSeconds: 7 },
    ],
    [
      { status: 429, body: "" },
      { outcome: "rate-limited", retryAfterSeconds: 30 },
    ],
    [
      { status: 503, body: "" },
      { outcome: "unavailable", reason: "HTTP 503" },
    ],
    [
      { status: 200, body: '{"ok":false,"error":"fatal_error"}' },
      { outcome: "unavailable", reason: "fatal_error" },
    ],
    [
      { status: 200, body: '{"ok":false,"error":"channel_not_found"}' },
      { outcome: "refused", error: "channel_not_found", details: [] },
    ],
    [
      { status: 200, body: "<html>" },
      { outcome: "refused", error: "HTTP 200", details: [] },
    ],
    ["silence", { outcome: "unavailable", reason: "TimeoutError" }],
  ] as const)("tells %j apart", async (given, outcome) => {
    next = given;

    expect(await client.postMessage({ channel: "C1", text: "t" })).toEqual(outcome);
  });

  it("shows its token to nobody who prints it", () => {
    expect(JSON.stringify(client)).not.toContain("xoxb");
  });
});

describe("answering a command or click", () => {
  it("posts privately to the address that came with it, where Slack's addresses lie", async () => {
    next = { status: 200, body: "ok" };

    const answer = await answerResponseUrl(`${host}/actions/1`, { text: "Recorded." }, { hooksUrl: `${host}/` });

    expect(answer).toMatchObject({ outcome: "done" });
    expect(heard).toMatchObject({ url: "/actions/1", authorization: undefined });
    expect(JSON.parse(heard?.body ?? "")).toMatchObject({ text: "Recorded.", response_type: "ephemeral" });
  });

  it("posts nothing to another address than Slack's", async () => {
    next = { status: 200, body: "ok" };

    const answer = await answerResponseUrl(`${host}/actions/1`, { text: "Recorded." });

    expect(answer).toEqual({ outcome: "refused", error: "not_an_address_of_slack", details: [] });
    expect(heard).toBeUndefined();
  });

  it.each([
    "http://hooks.slack.com/actions/1",
    "https://hooks.slack.com:8443/actions/1",
    "https://hooks.slack.com.attacker.example/actions/1",
    "https://hooks.slack.com@attacker.example/actions/1",
    "https://attacker.example/https://hooks.slack.com/actions/1",
    "https://slack.com/actions/1",
    "https://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
    "hooks.slack.com/actions/1",
    "",
  ])("posts nothing to %j", async (url) => {
    expect(await answerResponseUrl(url, { text: "t" }, { timeoutMs: 100 })).toMatchObject({
      outcome: "refused",
      error: "not_an_address_of_slack",
    });
  });
});
