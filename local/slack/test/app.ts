import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Interaction,
  readInteraction,
  readSlashCommand,
  type SlashCommand,
} from "../../../packages/slack/src/payloads.ts";
import { type SignatureVerdict, verifySlackSignature } from "../../../packages/slack/src/signature.ts";
import { type Slack, startSlack } from "../start-slack.ts";

export const SECRET = "shared-with-slack-only";
export const BOT_TOKEN = "xoxb-the-token-of-the-app";

/** A small app behind Slack: it verifies, keeps what it heard, and answers what the test says. */
export interface TestApp {
  readonly heard: { verdict: SignatureVerdict; command?: SlashCommand; interaction?: Interaction }[];
  onCommand: (command: SlashCommand) => object | string | Promise<object | string>;
  onInteraction: (interaction: Interaction) => object | string | Promise<object | string>;
}

/** Slack with four people and three channels, and a test app behind it. `clock.shift` moves its time. */
export async function startSlackWithApp(): Promise<{
  slack: Slack;
  app: TestApp;
  clock: { shift: number; now(): number };
  stop(): Promise<void>;
}> {
  const clock = { shift: 0, now: () => Date.now() + clock.shift };
  const app: TestApp = { heard: [], onCommand: () => "", onInteraction: () => "" };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const rawBody = Buffer.concat(chunks);
    const verdict = verifySlackSignature({
      secret: SECRET,
      rawBody,
      timestamp: request.headers["x-slack-request-timestamp"]?.toString(),
      signature: request.headers["x-slack-signature"]?.toString(),
      now: clock.now(),
    });
    const isCommand = request.url === "/slack/commands";
    const read = isCommand ? readSlashCommand(rawBody) : readInteraction(rawBody);
    if (!read.ok) throw new Error(`The app cannot read what Slack sent: ${read.where}`);
    app.heard.push({ verdict, ...("command" in read.value ? { command: read.value } : { interaction: read.value }) });
    const answer = await ("command" in read.value ? app.onCommand(read.value) : app.onInteraction(read.value));
    response.setHeader("content-type", typeof answer === "string" ? "text/plain" : "application/json");
    response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address && typeof address === "object" ? address.port : 0;

  const directory = mkdtempSync(join(tmpdir(), "slack-"));
  const slack = await startSlack({
    directory,
    clock,
    app: () => `http://127.0.0.1:${port}`,
    signingSecret: SECRET,
    botToken: BOT_TOKEN,
    paths: { commands: "/slack/commands", interactions: "/slack/interactions" },
    world: {
      team: "Example",
      people: ["ada", "bob", "carol", "eve"].map((name) => ({
        name,
        displayName: name.charAt(0).toUpperCase() + name.slice(1),
      })),
      channels: [{ name: "requests" }, { name: "staging" }, { name: "approvals", members: ["carol"] }],
    },
  });
  return {
    slack,
    app,
    clock,
    async stop() {
      await slack.stop();
      server.close();
      server.closeAllConnections();
      rmSync(directory, { recursive: true });
    },
  };
}
