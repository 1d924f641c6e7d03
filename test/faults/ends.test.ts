import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buttonsOf, wholeText } from "../story/message-text.ts";
import { callerOf, isBuildOf, killApplyAt, said, statusOf } from "./builds-of.ts";
import { type Flow, newRequestId, startFlow } from "./harness.ts";
import { stall, withhold } from "./late-deliveries.ts";

/**
 * Every way in which a request ends or stops. Each says which step, why, and what to do next: in its message, to who asked, and in `/sluice status`.
 * With `PICTURES=<folder>` each is also photographed, at the width of a desk and of a phone.
 */
let flow: Flow;
beforeAll(async () => {
  flow = await startFlow("ends");
});
afterAll(() => flow?.stop());

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

interface End {
  channel: "sandbox" | "staging";
  /** Brings a request there. */
  make(): Promise<string>;
  /** The last event of it. */
  event: string;
  message: RegExp;
  buttons: readonly string[];
  status: RegExp;
  /** What is done next, and goes well. */
  next?(request: string): Promise<void>;
}

const s3 = () => new S3Client(flow.cloud.asRoot);
const states = () => String(flow.cloud.outputs().statesBucket);

async function open(name: string): Promise<string> {
  const request = await flow.propose({ name, environment: "staging", reason: "load test for the June release" });
  await flow.opened(request);
  return request;
}

async function approved(name: string): Promise<string> {
  const request = await open(name);
  await flow.decide(request);
  return request;
}

const ends: Readonly<Record<string, End>> = {
  ready: {
    channel: "staging",
    make: () => approved("ready"),
    event: "request.completed.v1",
    message: /✓ Probe ready is ready in staging\..*It took/,
    buttons: ["see_plan", "see_evidence"],
    status: /✓ done/,
  },
  "asked for again": {
    channel: "staging",
    async make() {
      const first = await approved("again");
      await flow.heard(first, "request.completed.v1");
      return approved("again");
    },
    event: "request.completed.v1",
    message: /✓ Plan +no changes to infrastructure[\s\S]*✓ Probe again is ready in staging\./,
    buttons: ["see_plan", "see_evidence"],
    status: /✓ done/,
  },
  rejected: {
    channel: "staging",
    async make() {
      const request = await open("rejected");
      const approval = await flow.world.approval(request, true);
      await flow.cloud.slack.click("carol", approval, "reject");
      const form = await flow.cloud.slack.waitFor("the form for the reason", () => flow.cloud.slack.views("carol")[0]);
      await flow.cloud.slack.submit("carol", form.id, { reason: "use the shared cluster" });
      return request;
    },
    event: "request.rejected.v1",
    message: /✗ Rejected by Carol\. Nothing was changed\.\s+Carol wrote:\n> “use the shared cluster”/,
    buttons: ["see_plan", "edit_and_ask_again"],
    status: /✗ rejected\. Nothing was changed/,
  },
  expired: {
    channel: "staging",
    async make() {
      const request = await open("expired");
      const { ts } = await flow.world.approval(request, true);
      flow.cloud.clock.advance(2 * HOUR_MS + MINUTE_MS);
      await flow.cloud.slack.waitFor("approvers to be called again", () =>
        flow.cloud.slack
          .thread("approvals", ts)
          .find(({ text }) => /^Probe expired in staging still waits for approval/.test(text)),
      );
      flow.cloud.clock.advance(2 * HOUR_MS);
      return request;
    },
    event: "request.expired.v1",
    message: /✗ Refused, because nobody decided by .*\. Nothing was changed\./,
    buttons: ["see_plan", "ask_again"],
    status: /✗ refused, because nobody decided in time\. Nothing was changed/,
  },
  withdrawn: {
    channel: "staging",
    async make() {
      const request = await open("withdrawn");
      await flow.withdraw(request);
      return request;
    },
    event: "request.withdrawn.v1",
    message: /– Withdrawn by Ada\. Nothing was changed\./,
    buttons: ["see_plan", "ask_again"],
    status: /– withdrawn\. Nothing was changed/,
  },
  "plan failed": {
    channel: "sandbox",
    async make() {
      const lock = {
        ID: "11111111-2222-3333-4444-555555555555",
        Operation: "OperationTypeApply",
        Info: "",
        Who: "grace@laptop",
        Version: "1.11.0",
        Created: "2026-11-20T09:00:00Z",
        Path: "sandbox/probe-locked",
      };
      await s3().send(
        new PutObjectCommand({ Bucket: states(), Key: "sandbox/probe-locked.tflock", Body: JSON.stringify(lock) }),
      );
      return flow.propose({ name: "locked" });
    },
    event: "request.failed.v1",
    message:
      /✗ Plan failed: .*locked by grace@laptop since 2026-11-20 09:00 UTC, not by Sluice\. Nothing was changed\./,
    buttons: ["edit_and_ask_again"],
    status: /✗ failed[\s\S]*locked by grace@laptop/,
  },
  "apply stopped": {
    channel: "staging",
    async make() {
      const request = newRequestId();
      killApplyAt(flow, request, 5);
      await flow.propose({ request, name: "stopped", environment: "staging", seconds: [0, 5, 0] });
      await flow.opened(request);
      await flow.decide(request);
      return request;
    },
    event: "request.paused.v1",
    message: /✗ Apply stopped: .*killed in the middle of the apply.*\n.*Plan again shows what is left to do/,
    buttons: ["see_plan", "plan_again", "unlock", "withdraw"],
    status: /stopped, Plan again shows what is left to do/,
  },
  "configuration failed": {
    channel: "sandbox",
    async make() {
      const request = newRequestId();
      flow.cloud.codebuild.buildFaults.add({
        name: "killed in its playbook",
        matches: isBuildOf(request, "configure"),
        kill: { atProcess: (commandLine) => commandLine.includes("ansible-playbook") },
        times: 1,
      });
      return flow.propose({ request, name: "unconfigured" });
    },
    event: "request.paused.v1",
    message: /✗ Configure failed: .*\n.*Configure again repeats only this step/,
    buttons: ["see_plan", "configure_again"],
    status: /stopped, Configure again repeats only that step/,
    async next(request) {
      await flow.repeat(request, "configure", 1);
      await flow.heard(request, "request.completed.v1");
    },
  },
  "check failed": {
    channel: "sandbox",
    async make() {
      const request = newRequestId();
      flow.cloud.front.faults.add({
        name: "somebody changes the state before the check",
        when: "before",
        matches: (call) => call.path.includes("/inputs/") && callerOf(flow, request, "check", call) !== undefined,
        times: 1,
        do: () => forget("sandbox/probe-unchecked"),
      });
      return flow.propose({ request, name: "unchecked" });
    },
    event: "request.paused.v1",
    message: /✗ Check failed: .*\n.*Check again repeats only this step/,
    buttons: ["see_plan", "check_again"],
    status: /stopped, Check again repeats only that step/,
    async next(request) {
      await forget("sandbox/probe-unchecked", "not after all");
      await flow.repeat(request, "check", 1);
      await flow.heard(request, "request.completed.v1");
    },
  },
  stalled: {
    channel: "sandbox",
    async make() {
      const held = await withhold(flow, "provisioner", "plan.requested.v1");
      const request = await flow.propose({ name: "stalled" });
      await flow.heard(request, "plan.requested.v1");
      await stall(flow, request, "plan.requested.v1");
      await held.end();
      return request;
    },
    event: "request.stalled.v1",
    message: /✗ Stalled: sluice\.provisioner has not answered for the step Plan\. Nothing is lost\./,
    buttons: ["withdraw"],
    status: /stalled: a step's owner does not answer/,
  },
};

describe("a request that is", () => {
  it.each(Object.keys(ends))("%s says so, why, and what to do next", async (name) => {
    const end = ends[name];
    if (!end) throw new Error(`There is no end ${name}`);
    const request = await end.make();
    await flow.heard(request, end.event);

    await said(flow, end.channel, request, end.message);
    const { slack } = flow.cloud;
    const message = await slack.waitFor("its message", () =>
      slack.messages(end.channel).find(({ blocks }) => wholeText(blocks).includes(request)),
    );
    expect(buttonsOf(message.blocks)).toEqual(end.buttons);
    if (end.event !== "request.stalled.v1")
      await slack.waitFor("Ada to be told", () =>
        slack.thread(end.channel, message.ts).find(({ text }) => text.includes(`<@${slack.userId("ada")}>`)),
      );
    expect(await statusOf(flow, "ada", end.channel, request)).toMatch(end.status);
    await photograph(name, end.channel, `[id="m-${message.ts}"]`);
    await end.next?.(request);
  });

  it("refused at the door says so to who asked, and to nobody else", async () => {
    const { slack } = flow.cloud;
    const before = slack.messages("sandbox").length;

    await slack.command("ada", "sandbox", "virtual-machin size=small");

    await slack.waitFor("Ada to be told", () =>
      slack
        .ephemerals("ada")
        .find(({ text }) => /There is no blueprint `virtual-machin`\. There is .*`virtual-machine`/.test(text)),
    );
    expect(slack.messages("sandbox")).toHaveLength(before);
    await photograph("refused at the door", "sandbox", "text=There is no blueprint");
  });
});

/** Takes the last resource out of a state, as somebody with a terminal might; or puts back what was there before. */
async function forget(key: string, undo?: "not after all"): Promise<void> {
  const at = { Bucket: states(), Key: key };
  const state = JSON.parse((await (await s3().send(new GetObjectCommand(at))).Body?.transformToString()) ?? "");
  if (undo) {
    state.resources = whole.get(key);
  } else {
    whole.set(key, state.resources);
    state.resources = state.resources.slice(0, -1);
  }
  await s3().send(new PutObjectCommand({ ...at, Body: JSON.stringify({ ...state, serial: state.serial + 1 }) }));
}
const whole = new Map<string, unknown>();

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** The message as Ada sees it, at two widths. */
async function photograph(name: string, channel: string, where: string): Promise<void> {
  const folder = process.env.PICTURES;
  if (!folder || !existsSync(CHROMIUM)) return;
  mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  for (const [device, viewport] of [
    ["desk", { width: 1280, height: 800 }],
    ["phone", { width: 390, height: 844 }],
  ] as const) {
    const page = await browser.newPage({ viewport });
    await page.goto(`${flow.cloud.slack.deskUrl}as/ada/${channel}`);
    await page.locator(where).last().scrollIntoViewIfNeeded();
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    await page.screenshot({ path: join(folder, `${name.replaceAll(" ", "-")}-${device}.png`) });
  }
  await browser.close();
}
