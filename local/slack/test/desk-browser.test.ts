import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { actions, button, plain, section } from "../../../packages/slack/src/blocks.ts";
import { slackClient } from "../../../packages/slack/src/client.ts";
import { formBlocks, readForm } from "../../../packages/slack/src/form.ts";
import { BOT_TOKEN, startSlackWithApp } from "./app.ts";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

const Form = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z-]{3,}$/)
    .meta({ title: "Name", allowed: "Use lower-case letters." }),
  size: z.enum(["small", "large"]).meta({ title: "Size" }),
});

type Started = Awaited<ReturnType<typeof startSlackWithApp>>;

describe.skipIf(!existsSync(CHROMIUM))("the desk in a browser (skipped where there is no Chromium)", () => {
  let started: Started;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  const client = () => slackClient({ token: BOT_TOKEN, baseUrl: started.slack.apiUrl });

  beforeAll(async () => {
    started = await startSlackWithApp();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    started.app.onCommand = async (command) => {
      await client().openView(command.trigger_id, view("Ask"));
      return "";
    };
  });
  afterAll(async () => {
    await browser.close();
    await started.stop();
  });
  beforeEach(async () => {
    complaints = [];
    page = await browser.newPage({ viewport: { width: 360, height: 740 } });
    page.setDefaultTimeout(10_000);
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(started.slack.deskUrl)) complaints.push(`asked ${request.url()}`);
    });
    await page.goto(`${started.slack.deskUrl}as/ada/staging`);
  });
  afterEach(async () => {
    expect(complaints).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    await page.close();
  });

  const view = (title: string) => ({
    type: "modal" as const,
    title: plain(title),
    submit: plain("Send"),
    blocks: formBlocks(Form, { initial: { size: "small" } }).map((block) =>
      block.block_id === "size" ? { ...block, dispatch_action: true } : block,
    ),
  });
  const post = async (text: string) => {
    const blocks = [section(text), actions("b", button("Press", { actionId: "press", value: "1" }))];
    await client().postMessage({ channel: started.slack.channelId("staging"), text, blocks });
  };
  const focused = () => page.evaluate("document.activeElement.id");

  it("shows what happens without being asked, and keeps what is being typed", async () => {
    await page.fill("#command", "/sluice half a li");

    await post("just now");
    await page.getByText("just now").waitFor();

    expect(await page.inputValue("#command")).toBe("/sluice half a li");
  });

  it("keeps a form as it is being filled in, whatever happens behind it", async () => {
    await page.fill("#command", "/sluice");
    await page.keyboard.press("Enter");
    await page.fill("#field-name", "half a na");

    await post("behind the form");
    await page.getByText("behind the form").waitFor();

    expect(await page.inputValue("#field-name")).toBe("half a na");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  it("can be used by keyboard alone: command, form, error, correction", async () => {
    started.app.onInteraction = (interaction) => {
      const read = interaction.type === "view_submission" && readForm(Form, interaction.view.state.values);
      return read && !read.ok ? { response_action: "errors", errors: read.errors } : "";
    };
    await page.focus("#command");
    await page.keyboard.type("/sluice");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    expect(await focused()).toBe("field-name");

    await page.keyboard.type("Web");
    await page.keyboard.press("Enter");
    await page.getByText("has an upper-case letter").waitFor();
    expect(await focused()).toBe("field-name");
    expect(await page.inputValue("#field-name")).toBe("Web");

    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type("web");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(started.slack.views("ada")).toHaveLength(0);
    expect(await focused()).toBe("command");
  });

  it("asks the app again when a choice changes, and keeps the other fields", async () => {
    started.app.onInteraction = async (interaction) => {
      if (interaction.type === "block_actions" && interaction.view)
        await client().updateView(
          interaction.view.id,
          view(`Chosen ${interaction.actions[0]?.selected_option?.value}`),
        );
      return "";
    };
    await page.fill("#command", "/sluice");
    await page.keyboard.press("Enter");
    await page.fill("#field-name", "web-7");

    await page.selectOption("#field-size", "large");
    await page.getByRole("heading", { name: "Chosen large" }).waitFor();

    expect(await page.inputValue("#field-name")).toBe("web-7");
    expect(await page.inputValue("#field-size")).toBe("large");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  it("presses buttons in messages", async () => {
    await post("Press me");
    started.app.onInteraction = () => "";

    await page.getByRole("button", { name: "Press" }).last().click();

    await started.slack.waitFor("the press", () =>
      started.slack.history().find(({ what }) => what === "block_actions press"),
    );
  });
});
