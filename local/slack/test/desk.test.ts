import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { actions, button, plain, section } from "../../../packages/slack/src/blocks.ts";
import { slackClient } from "../../../packages/slack/src/client.ts";
import { formBlocks, readForm } from "../../../packages/slack/src/form.ts";
import { BOT_TOKEN, startSlackWithApp } from "./app.ts";

type Started = Awaited<ReturnType<typeof startSlackWithApp>>;

const Form = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z-]{3,}$/)
    .meta({ title: "Name", allowed: "Use lower-case letters." }),
  isPublic: z.boolean().meta({ title: "Public" }),
});

let started: Started;
const client = () => slackClient({ token: BOT_TOKEN, baseUrl: started.slack.apiUrl });
const address = (path: string) => new URL(path, started.slack.deskUrl).href;
const read = async (path: string) => (await fetch(address(path))).text();
const send = (path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  fetch(address(path), { method: "POST", body: new URLSearchParams(fields), headers });

beforeAll(async () => {
  started = await startSlackWithApp();
});
afterAll(() => started.stop());

async function posted(text: string) {
  const channel = started.slack.channelId("staging");
  const blocks = [section(text), actions("b", button("Approve", { actionId: "approve", value: "apr_1" }))];
  const answer = await client().postMessage({ channel, text, blocks });
  if (answer.outcome !== "done") throw new Error(`Not posted: ${JSON.stringify(answer)}`);
  return answer.value;
}

describe("the desk", () => {
  it("runs no script and loads nothing but its own, whatever an app posts", async () => {
    await posted("<script>alert(1)</script> &lt;img src=x onerror=alert(1)&gt;");

    const response = await fetch(address("/as/ada/staging"));
    const page = await response.text();

    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self'");
    expect(page.match(/<script[^>]*>/g)).toEqual(['<script src="/desk.js" defer>']);
    expect(page).not.toMatch(/<[^>]*\s(on\w+|style)=|<img/i);
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page).toContain("&lt;img src=x onerror=alert(1)&gt;");
  });

  it("lets a person press a button, and shows what was answered to nobody else", async () => {
    const { ts } = await posted("Approve this?");
    started.app.onInteraction = async (interaction) => {
      const user = interaction.user.id;
      await client().postEphemeral({
        channel: started.slack.channelId("staging"),
        user,
        text: "Only an answer for Carol",
      });
      return "";
    };

    await send(`/as/carol/staging/click?ts=${ts}&action=approve`, { value: "apr_1" });

    expect(await read("/as/carol/staging")).toContain("Only an answer for Carol");
    expect(await read("/as/ada/staging")).not.toContain("Only an answer for Carol");
  });

  it("sends a press on a button that was just taken away, as Slack would", async () => {
    const message = await posted("Approve that?");
    await client().updateMessage({ ...message, text: "Approved", blocks: [section("Approved")] });
    const before = started.app.heard.length;
    started.app.onInteraction = () => "";

    await send(`/as/bob/staging/click?ts=${message.ts}&action=approve`, { value: "apr_1" });

    expect(started.app.heard).toHaveLength(before + 1);
  });

  it("opens a form from a command, shows errors at their fields, and loses nothing that was typed", async () => {
    started.app.onCommand = async (command) => {
      const blocks = formBlocks(Form);
      const view = { type: "modal" as const, title: plain("Ask"), submit: plain("Send"), blocks };
      await client().openView(command.trigger_id, view);
      return "";
    };
    started.app.onInteraction = (interaction) => {
      const result = interaction.type === "view_submission" && readForm(Form, interaction.view.state.values);
      return result && !result.ok ? { response_action: "errors", errors: result.errors } : "";
    };

    const opened = await (await send("/as/ada/staging/command", { text: "/sluice" })).text();
    const id = started.slack.views("ada")[0]?.id;
    const wrong = await (await send(`/as/ada/staging/view/${id}`, { name: "Web", isPublic: "yes" })).text();

    expect(opened).toMatch(/role="dialog" aria-modal="true" aria-labelledby="view-title"/);
    expect(opened).toContain('<div id="shell" class="shell" inert>');
    expect(wrong).toContain("Use lower-case letters. “Web” has an upper-case letter.");
    expect(wrong).toMatch(
      /value="Web" id="field-name" name="name" aria-describedby="field-name-error" aria-invalid="true"/,
    );
    expect(wrong).toMatch(/value="yes" checked/);
    await send(`/as/ada/staging/view/${id}`, { name: "web", isPublic: "yes" });
    expect(started.slack.views("ada")).toHaveLength(0);
  });

  it("hears commands only, and says so", async () => {
    const page = await (await send("/as/eve/requests/command", { text: "hello" })).text();

    expect(page).toContain("Only commands are heard here");
  });

  it("opens a thread beside its message", async () => {
    const { channel, ts } = await posted("with details");
    await client().postMessage({ channel, threadTs: ts, text: "the details" });

    expect(await read("/as/ada/staging")).not.toContain("the details");
    expect(await read(`/as/ada/staging?thread=${ts}`)).toContain("the details");
  });

  it("tells open pages that something changed", async () => {
    const response = await fetch(address("/events"));
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();

    await posted("news");
    let heard = "";
    while (reader && !heard.includes("changed")) heard += (await reader.read()).value ?? "";

    expect(heard).toContain("data: changed");
    await reader?.cancel();
  });

  it.each([
    ["another origin", { origin: "https://x.test" }],
    ["another site", { "sec-fetch-site": "cross-site" }],
  ])("lets no page from %s act for a person", async (_case, headers) => {
    const before = started.app.heard.length;

    const response = await send("/as/ada/staging/command", { text: "/sluice" }, headers);

    expect(response.status).toBe(403);
    expect(started.app.heard).toHaveLength(before);
  });

  it("answers to its own address only, so that no other name can lead a browser here", async () => {
    const url = new URL(started.slack.deskUrl);
    const status = await new Promise((resolve) => {
      request(
        { host: url.hostname, port: url.port, path: "/as/ada/staging", headers: { host: "x.test" } },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      ).end();
    });

    expect(status).toBe(421);
  });

  it("shows what the emulator holds, message by message", async () => {
    const response = await fetch(`${started.slack.apiUrl}conversations.history`, {
      method: "POST",
      headers: { authorization: `Bearer ${BOT_TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify({ channel: started.slack.channelId("staging") }),
    });
    const held = z
      .object({ messages: z.array(z.object({ ts: z.string(), text: z.string() })) })
      .parse(await response.json());
    const shown = started.slack.messages("staging").map(({ ts, text }) => ({ ts, text }));

    expect(held.messages.filter(({ ts }) => shown.some((one) => one.ts === ts)).toReversed()).toEqual(shown);
  });
});
