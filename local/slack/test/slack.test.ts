import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { actions, button, plain, section } from "../../../packages/slack/src/blocks.ts";
import { answerResponseUrl, slackClient } from "../../../packages/slack/src/client.ts";
import { formBlocks, readForm } from "../../../packages/slack/src/form.ts";
import { BOT_TOKEN, startSlackWithApp } from "./app.ts";

type Started = Awaited<ReturnType<typeof startSlackWithApp>>;

let started: Started;
const client = () => slackClient({ token: BOT_TOKEN, baseUrl: started.slack.apiUrl, timeoutMs: 1_000 });

beforeAll(async () => {
  started = await startSlackWithApp();
});
afterAll(() => started.stop());
afterEach(() => {
  started.slack.faults.clear();
  started.app.onCommand = () => "";
  started.app.onInteraction = () => "";
});

/** Posts a message with one button and tells where it is. */
async function postedMessage(text = "Approve?"): Promise<{ channel: string; ts: string }> {
  const channel = started.slack.channelId("requests");
  const blocks = [section(text), actions("decide", button("Approve", { actionId: "approve", value: "apr_1" }))];
  const posted = await client().postMessage({ channel, text, blocks });
  if (posted.outcome !== "done") throw new Error(`Not posted: ${JSON.stringify(posted)}`);
  return posted.value;
}

const Form = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{2,29}$/)
    .meta({ title: "Name", allowed: "Use 3 to 30 lower-case letters, digits or hyphens, starting with a letter." }),
  size: z.enum(["small", "large"]).meta({ title: "Size" }),
  public: z.boolean().meta({ title: "Public" }),
  disks: z.int().min(1).max(5).optional().meta({ title: "Disks" }),
});

const formView = (title = "New machine") => ({
  type: "modal" as const,
  callback_id: "ask",
  title: plain(title),
  submit: plain("Ask"),
  close: plain("Cancel"),
  notify_on_close: true,
  blocks: formBlocks(Form, { initial: { size: "small" } }),
});

/** Lets a command open this form for Ada and tells its id. */
async function openedForm(): Promise<string> {
  started.app.onCommand = async (command) => {
    await client().openView(command.trigger_id, formView());
    return "";
  };
  await started.slack.command("ada", "requests", "/sluice virtual-machine");
  const [view] = started.slack.views("ada");
  if (!view) throw new Error("No form was opened");
  return view.id;
}

describe("messages", () => {
  it("shows what the app posts and updates, in the channel and in its threads", async () => {
    const { slack } = started;
    const message = await postedMessage("first");

    await client().updateMessage({ ...message, text: "second", blocks: [section("second")] });
    await client().postMessage({ channel: message.channel, threadTs: message.ts, text: "detail" });

    expect(slack.messages("requests").at(-1)).toMatchObject({ text: "second", blocks: [{ text: { text: "second" } }] });
    expect(slack.thread("requests", message.ts)).toMatchObject([{ text: "detail" }]);
  });

  it("refuses what Slack refuses, by name and place, and shows nothing", async () => {
    const before = started.slack.messages("requests").length;
    const blocks = Array.from({ length: 51 }, () => section("x".repeat(3_001)));

    const answer = await client().postMessage({ channel: started.slack.channelId("requests"), text: "t", blocks });

    expect(answer).toMatchObject({ outcome: "refused", error: "invalid_blocks" });
    expect(answer.outcome === "refused" && answer.details[0]).toContain("51 blocks, at most 50");
    expect(started.slack.messages("requests")).toHaveLength(before);
  });

  it("knows no other token", async () => {
    const stranger = slackClient({ token: "xoxb-other", baseUrl: started.slack.apiUrl });

    const answer = await stranger.postMessage({ channel: started.slack.channelId("requests"), text: "t" });

    expect(answer).toMatchObject({ outcome: "refused", error: "invalid_auth" });
  });

  it("answers privately to people in the channel only", async () => {
    const { slack } = started;
    const channel = slack.channelId("approvals");

    const toCarol = await client().postEphemeral({ channel, user: slack.userId("carol"), text: "only you" });
    const toEve = await client().postEphemeral({ channel, user: slack.userId("eve"), text: "not here" });

    expect(toCarol.outcome).toBe("done");
    expect(toEve).toMatchObject({ outcome: "refused", error: "user_not_in_channel" });
    expect(slack.ephemerals("carol").at(-1)).toMatchObject({ text: "only you" });
    expect(slack.ephemerals("eve")).toHaveLength(0);
  });
});

describe("commands and clicks", () => {
  it("sends a command as Slack does, signed, and shows the answer privately", async () => {
    const { slack, app } = started;
    app.onCommand = (command) => ({ text: `You said ${command.text}` });

    const reply = await slack.command("ada", "requests", "/sluice status req_1");

    expect(reply.status).toBe(200);
    expect(app.heard.at(-1)).toMatchObject({
      verdict: "ok",
      command: { command: "/sluice", text: "status req_1", team_id: slack.team.id, user_id: slack.userId("ada") },
    });
    expect(slack.ephemerals("ada").at(-1)).toMatchObject({ text: "You said status req_1" });
  });

  it("sends a click with message, value and a response_url that answers privately", async () => {
    const { slack, app } = started;
    const message = await postedMessage();
    app.onInteraction = async (interaction) => {
      if (interaction.type === "block_actions" && interaction.response_url)
        await answerResponseUrl(interaction.response_url, { text: "Recorded." }, { hooksUrl: slack.hooksUrl });
      return "";
    };

    const { sent } = await slack.click("carol", message, "approve");

    expect(JSON.parse(new URLSearchParams(sent.body).get("payload") ?? "")).toMatchObject({
      container: { channel_id: message.channel, message_ts: message.ts },
    });
    expect(app.heard.at(-1)).toMatchObject({
      verdict: "ok",
      interaction: {
        type: "block_actions",
        user: { id: slack.userId("carol") },
        team: { id: slack.team.id },
        actions: [{ action_id: "approve", block_id: "decide", value: "apr_1" }],
      },
    });
    expect(slack.ephemerals("carol").at(-1)).toMatchObject({ text: "Recorded." });
  });

  it("lets a response_url be used five times, for half an hour", async () => {
    const { slack, app, clock } = started;
    let url = "";
    app.onCommand = (command) => {
      url = command.response_url ?? "";
      return "";
    };
    const answer = () => answerResponseUrl(url, { text: "again" }, { hooksUrl: slack.hooksUrl });

    await slack.command("bob", "staging", "/sluice");
    const uses = [];
    for (let use = 0; use < 6; use++) uses.push((await answer()).outcome);
    await slack.command("bob", "staging", "/sluice");
    clock.shift += 30 * 60_000 + 1;

    expect(uses).toEqual(["done", "done", "done", "done", "done", "refused"]);
    expect(await answer()).toMatchObject({ outcome: "refused", error: "expired_url" });
  });

  it("has no button that was taken away, but lets a slow screen press it", async () => {
    const message = await postedMessage();
    await client().updateMessage({ ...message, text: "Approved by Carol", blocks: [section("Approved by Carol")] });

    await expect(started.slack.click("bob", message, "approve")).rejects.toThrow('there is no "approve"');
    const reply = await started.slack.click("bob", { ...message, stale: true }, "approve");

    expect(reply.status).toBe(200);
  });

  it("tells the person when the app says nothing", async () => {
    started.app.onCommand = () => new Promise(() => undefined);

    const reply = await started.slack.command("bob", "requests", "/sluice");

    expect(reply).toMatchObject({ status: 0, trouble: "The app did not answer within 3 s." });
    expect(started.slack.ephemerals("bob").at(-1)).toMatchObject({ from: "Slack" });
  });

  it("lets a trigger open one view, once, within three seconds", async () => {
    const { slack, app, clock } = started;
    const answers: unknown[] = [];
    app.onCommand = async (command) => {
      if (command.text === "late") clock.shift += 3_001;
      for (let again = 0; again < 2; again++) answers.push(await client().openView(command.trigger_id, formView()));
      return "";
    };

    await slack.command("ada", "requests", "/sluice");
    await slack.command("ada", "requests", "/sluice late");

    expect(answers).toMatchObject([
      { outcome: "done" },
      { outcome: "refused", error: "exchanged_trigger_id" },
      { outcome: "refused", error: "expired_trigger_id" },
      { outcome: "refused", error: "expired_trigger_id" },
    ]);
  });
});

describe("forms", () => {
  it("sends what was filled in, in the shapes that the form reader reads", async () => {
    const { slack, app } = started;
    const id = await openedForm();

    const sent = await slack.submit("ada", id, { name: "web-7", public: true, disks: 2 });

    const heard = app.heard.at(-1)?.interaction;
    const values = heard?.type === "view_submission" ? readForm(Form, heard.view.state.values) : undefined;
    expect(sent).toMatchObject({ status: 200, errors: {} });
    expect(values).toEqual({ ok: true, values: { name: "web-7", size: "small", public: true, disks: 2 } });
    expect(slack.views("ada")).toHaveLength(0);
  });

  it("keeps the form open with the app's sentences at the fields, and what was typed", async () => {
    const { slack, app } = started;
    const id = await openedForm();
    app.onInteraction = (interaction) => {
      if (interaction.type !== "view_submission") return "";
      const read = readForm(Form, interaction.view.state.values);
      return read.ok ? "" : { response_action: "errors", errors: read.errors };
    };

    const sent = await slack.submit("ada", id, { name: "Web 7" });

    expect(sent.errors).toEqual({
      name: "Use 3 to 30 lower-case letters, digits or hyphens, starting with a letter. “Web 7” has a space.",
    });
    expect(slack.views("ada")).toMatchObject([{ id, state: { name: { value: { value: "Web 7" } } } }]);
    expect((await slack.submit("ada", id, { name: "web-7" })).errors).toEqual({});
  });

  it("does not even send a form that lacks a required field", async () => {
    const { slack, app } = started;
    const id = await openedForm();
    const before = app.heard.length;

    const sent = await slack.submit("ada", id, {});

    expect(sent.errors).toEqual({ name: "Please complete this required field." });
    expect(app.heard).toHaveLength(before);
    await slack.close("ada", id);
  });

  it("says so when the app names a field that the form does not have", async () => {
    const id = await openedForm();
    started.app.onInteraction = () => ({ response_action: "errors", errors: { nam: "wrong" } });

    const sent = await started.slack.submit("ada", id, { name: "web-7" });

    expect(sent.trouble).toBe("The app named fields that this form does not have: nam.");
    started.app.onInteraction = () => ({ response_action: "clear" });
    await started.slack.submit("ada", id, {});
    expect(started.slack.views("ada")).toHaveLength(0);
  });

  it("stacks views, three at most, and tells the app when one is closed", async () => {
    const { slack, app } = started;
    const id = await openedForm();
    app.onInteraction = () => ({ response_action: "push", view: formView("Second") });
    await slack.submit("ada", id, { name: "web-7" });
    const second = slack.views("ada").at(-1)?.id ?? "";
    await slack.submit("ada", second, { name: "web-7" });
    const third = slack.views("ada").at(-1)?.id ?? "";

    const fourth = await slack.submit("ada", third, { name: "web-7" });
    app.onInteraction = () => "";
    await slack.close("ada", third);

    expect(fourth.trouble).toContain("push_limit_reached");
    expect(slack.views("ada").map((view) => view.id)).toEqual([id, second]);
    expect(app.heard.at(-1)).toMatchObject({ interaction: { type: "view_closed", view: { id: third } } });
    await slack.close("ada", second);
    await slack.close("ada", id);
  });

  it("refuses an update of an older state of the view", async () => {
    const { slack } = started;
    const id = await openedForm();
    const hash = slack.views("ada")[0]?.hash;

    const first = await client().updateView(id, formView("Changed"), hash);
    const second = await client().updateView(id, formView("Late"), hash);

    expect(first.outcome).toBe("done");
    expect(second).toMatchObject({ outcome: "refused", error: "hash_conflict" });
    await slack.close("ada", id);
  });
});

describe("faults", () => {
  it("answers 429 with the time to wait, as often as told, and nothing happens", async () => {
    const before = started.slack.messages("requests").length;
    started.slack.faults.add({ method: "chat.postMessage", status: 429, retryAfterSeconds: 7, times: 1 });
    const message = { channel: started.slack.channelId("requests"), text: "t" };

    expect(await client().postMessage(message)).toEqual({ outcome: "rate-limited", retryAfterSeconds: 7 });
    expect(started.slack.messages("requests")).toHaveLength(before);
    expect((await client().postMessage(message)).outcome).toBe("done");
  });

  it("can carry a call out and lose its answer", async () => {
    const before = started.slack.messages("requests").length;
    started.slack.faults.add({ method: "chat.postMessage", hang: true, commit: true, times: 1 });

    const answer = await client().postMessage({ channel: started.slack.channelId("requests"), text: "t" });

    expect(answer).toMatchObject({ outcome: "unavailable" });
    expect(started.slack.messages("requests")).toHaveLength(before + 1);
  });

  it("ends by the clock", async () => {
    const { slack, clock } = started;
    slack.faults.add({ method: "*", status: 500, until: clock.now() + 900_000 });
    const message = { channel: slack.channelId("requests"), text: "t" };

    const during = await client().postMessage(message);
    clock.shift += 900_001;

    expect(during).toMatchObject({ outcome: "unavailable" });
    expect((await client().postMessage(message)).outcome).toBe("done");
  });
});

describe("waiting", () => {
  it("resolves at the change that brings it, and names what did not come", async () => {
    const { slack } = started;
    const seen = slack.waitFor("the greeting", () => slack.messages("staging").find(({ text }) => text === "hello"));

    await client().postMessage({ channel: slack.channelId("staging"), text: "hello" });

    expect(await seen).toMatchObject({ text: "hello" });
    await expect(slack.waitFor("a miracle", () => false, 20)).rejects.toThrow("a miracle");
  });

  it("keeps no token and no signature in its history", async () => {
    await started.slack.command("ada", "requests", "/sluice help");

    const kept = JSON.stringify(started.slack.history());

    expect(kept).not.toContain(BOT_TOKEN);
    expect(kept).not.toContain("v0=");
  });
});
