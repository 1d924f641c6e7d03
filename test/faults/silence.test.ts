import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { wholeText } from "../story/message-text.ts";
import { appliesOf, said, statusOf } from "./builds-of.ts";
import { type Flow, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";
import { stall, withhold } from "./late-deliveries.ts";

/** Somebody does not answer: Slack, or a step's owner. The request goes on as far as it can and says what it waits for. */
let flow: Flow;
beforeAll(async () => {
  flow = await startFlow("silence");
});
afterAll(() => flow?.stop());
afterEach(() => flow.cloud.slack.faults.clear());

const MINUTE_MS = 60_000;

const messagesOf = (request: string, channel: string) =>
  flow.cloud.slack.messages(channel).filter(({ blocks }) => wholeText(blocks).includes(request));

describe("a request goes on while Slack", () => {
  it("answers 429 for a quarter of an hour; then there is one message, which shows the truth", async () => {
    const until = flow.cloud.clock.now() + 15 * MINUTE_MS;
    flow.cloud.slack.faults.add({ method: "*", status: 429, retryAfterSeconds: 60, until });
    const request = await flow.propose({ name: "slack-429" });

    await flow.heard(request, "request.completed.v1");
    expect(messagesOf(request, "sandbox")).toHaveLength(0);

    flow.cloud.clock.advance(16 * MINUTE_MS);
    await holdInvariants(flow, request, "sandbox");
    expect(messagesOf(request, "sandbox")).toHaveLength(1);
  });

  it("answers 500 six times", async () => {
    const request = await flow.propose({ name: "slack-500", environment: "staging" });
    flow.cloud.slack.faults.add({ method: "*", status: 500, times: 6 });
    await flow.opened(request);
    await flow.decide(request);

    await flow.heard(request, "request.completed.v1");
    await holdInvariants(flow, request, "staging");
    expect(messagesOf(request, "staging")).toHaveLength(1);
  });

  it("takes a change of the message and never says so: the older one does not come last", async () => {
    const request = await flow.propose({ name: "slack-hangs", environment: "staging" });
    await flow.opened(request);
    await said(flow, "staging", request, /waiting/);
    flow.cloud.slack.faults.add({ method: "chat.update", hang: true, commit: true, times: 1 });
    await flow.decide(request);

    await flow.heard(request, "request.completed.v1");
    await holdInvariants(flow, request, "staging");
    flow.cloud.slack.faults.clear(); // Now the call that hung is cut.
    await flow.heardAll(["notifier"]);

    expect(messagesOf(request, "staging").map(({ blocks }) => wholeText(blocks))).toEqual([
      expect.stringMatching(/is ready in staging/),
    ]);
  });

  it("keeps what it was told and loses the answer: nothing is posted a second time for good", async () => {
    flow.cloud.slack.faults.add({ method: "chat.postMessage", status: 500, commit: true, times: 1 });
    const request = await flow.propose({ name: "slack-commits" });

    await flow.heard(request, "request.completed.v1");
    await holdInvariants(flow, request, "sandbox");

    const shown = messagesOf(request, "sandbox").map(({ blocks }) => wholeText(blocks));
    expect(shown.filter((text) => /is ready in sandbox/.test(text))).toHaveLength(1);
  });
});

describe("a request whose step's owner does not answer", () => {
  it("is asked again three times, then says which step and whose; and goes on when it is heard after all", async () => {
    const held = await withhold(flow, "provisioner", "plan.requested.v1");
    const request = await flow.propose({ name: "stalled" });
    const asked = await flow.heard(request, "plan.requested.v1");

    const stalled = await stall(flow, request, "plan.requested.v1");

    expect(stalled.detail.data).toMatchObject({ step: "plan", kind: "plan", owner: "sluice.provisioner" });
    const ids = new Set(flow.events.of(request, "plan.requested.v1").map(({ id }) => id));
    expect([...ids], "what is asked again is the same event").toEqual([asked.id]);
    expect(await said(flow, "sandbox", request, /Stalled/)).toMatch(/provisioner has not answered for the step Plan/);
    expect(await statusOf(flow, "ada", "sandbox", request)).toMatch(/stalled: a step's owner does not answer/);

    await held.end();
    await held.deliver(asked);

    expect((await flow.ended(request)).type).toBe("request.completed.v1");
    expect(appliesOf(flow, request)).toBe(1);
    expect(await said(flow, "sandbox", request, /is ready in/)).not.toContain("Stalled");
    await holdInvariants(flow, request, "sandbox");
  });
});
