import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SlackClient, slackClient } from "../src/client.ts";

type Answer = { status: number; headers?: Record<string, string>; body: string };

let next: Answer | "silence" = { status: 200, body: "{}" };
let heard: { url: string | undefined; authorization: string | undefined; body: string };
const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  heard = { url: request.url, authorization: request.headers.authorization, body };
  if (next === "silence") return;
  response.writeHead(next.status, next.headers).end(next.body);
});
let client: SlackClient;

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address && typeof address === "object" ? address.port : 0;
  client = slackClient({ token: "xoxb-secret", baseUrl: `http://127.0.0.1:${port}/api/`, timeoutMs: 200 });
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
    expect(JSON.parse(heard.body)).toEqual({ channel: "C1", text: "hello", unfurl_links: false, unfurl_media: false });
  });

  it("takes the blocks away when an update has none, so that old buttons never stay", async () => {
    next = { status: 200, body: '{"ok":true}' };

    await client.updateMessage({ channel: "C1", ts: "1.2", text: "done" });

    expect(JSON.parse(heard.body)).toMatchObject({ text: "done", blocks: [] });
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
