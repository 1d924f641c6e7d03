import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Published, STUCK_AFTER_MS } from "../story/heard.ts";
import { appliesOf, buildsOf, killApplyAt, said, spendersOf, statusOf } from "./builds-of.ts";
import { eventually, type Flow, newEventId, newRequestId, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";

/**
 * Builds killed while Terraform applies: the state, and so Terraform, knows nothing of it or half of it. What was approved is never applied a second time,
 * whoever asks; a new plan and a new approval go on.
 */
let flow: Flow;
beforeAll(async () => {
  flow = await startFlow("killed");
});
afterAll(() => flow?.stop());

describe.concurrent("an apply that is killed", () => {
  it("before Terraform's first state write is not applied again, whoever asks; a new approval goes on", async () => {
    const request = await killedIn("before", [0, 15, 0], 15, "staging");
    const other = await flow.propose({ name: "before", environment: "staging" });

    const pause = await flow.ended(request);

    expect(pause).toMatchObject({ type: "request.paused.v1", detail: { data: { reason: "needs_replan" } } });
    expect(await flow.world.state("staging", "probe-before")).toBeUndefined();
    expect(flow.events.of(request, "workspace.blocked.v1").length).toBeGreaterThan(0);
    expect(await said(flow, "staging", request, /Apply stopped[\s\S]*obody else can apply/)).toMatch(
      /killed in the middle of the apply. What it changed is not known[\s\S]*\[Plan again\] \[Unlock…\]/,
    );
    const status = await statusOf(flow, "ada", "staging", request);
    expect(status).toMatch(/stopped, Plan again shows what is left to do[\s\S]*What it changed is not known/);
    const [, log = ""] = /Apply failed.*<(http[^|]+)\|log>/.exec(status) ?? [];
    expect(await (await fetch(log)).text(), "the log of the killed build is linked").toMatch(
      /^Creating terraform_data\.first$/m,
    );
    await holdInvariants(flow, request, "staging");

    await everybodyAsksAgain(request);

    const waits = await flow.heard(other, "step.suspended.v1");
    expect(waits.detail.data).toMatchObject({ waitsFor: "workspace", holder: request });
    await said(
      flow,
      "staging",
      other,
      new RegExp(`waiting for the workspace, held by a request of Ada \\(${request}\\)`),
    );

    await flow.repeat(request, "plan", 1);
    await flow.opened(request, 2);
    await flow.decide(request, "carol", 2);
    await flow.heard(request, "request.completed.v1");
    expect(appliesOf(flow, request)).toBe(2);
    expect(await spendersOf(flow, request)).toHaveLength(2);

    await flow.opened(other, 1); // It was its turn as soon as the first one had ended.
    await flow.decide(other);
    expect((await flow.ended(other)).type).toBe("request.completed.v1");
    await holdInvariants(flow, request, "staging", { parked: PARKED });
    await holdInvariants(flow, other, "staging", { parked: PARKED });
  });

  it("after Terraform's first state write leaves a plan of the rest, which a new grant applies", async () => {
    const request = await killedIn("after", [0, 21, 30], 30, "sandbox");

    const pause = await flow.ended(request);

    expect(pause).toMatchObject({ type: "request.paused.v1", detail: { data: { reason: "needs_replan" } } });
    expect(flow.events.of(request, "workspace.blocked.v1").length).toBeGreaterThan(0);
    const state = await flow.world.state("sandbox", "probe-after");
    expect(state?.serial).toBeGreaterThan(0);
    expect(state?.resources.map(({ name }) => name)).toEqual(expect.arrayContaining(["first", "second"]));

    await flow.repeat(request, "plan", 1);
    await flow.heard(request, "request.completed.v1");

    const plans = flow.events.of(request, "plan.completed.v1").map(({ detail }) => detail.data);
    expect(plans.find(({ attempt }) => attempt === 2)?.output).toMatchObject({
      summary: { counts: { add: 1, destroy: 0 } },
    });
    expect(appliesOf(flow, request)).toBe(2);
    expect(await spendersOf(flow, request)).toHaveLength(2);
  });
});

/** One forged attempt and one replayed event are parked, with their reasons. */
const PARKED = 2;

/** A probe whose first apply is killed when this sleep begins. */
async function killedIn(name: string, seconds: number[], sleep: number, environment: string): Promise<string> {
  const request = newRequestId();
  killApplyAt(flow, request, sleep);
  await flow.propose({ request, name, seconds, environment });
  if (environment === "staging") {
    await flow.opened(request, 1);
    await flow.decide(request);
  }
  return request;
}

/** The same grant once more: as another attempt, redelivered, replayed, and by Retry in CodeBuild's console. */
async function everybodyAsksAgain(request: string): Promise<void> {
  const [asked] = flow.events.of(request, "apply.requested.v1");
  const [build] = buildsOf(flow, request, "apply");
  if (!asked || !build) throw new Error(`Nothing was applied for ${request}`);
  const { source, type, detail } = asked;

  await flow.put(source, type, {
    metadata: { ...detail.metadata, id: newEventId() },
    data: { ...detail.data, attempt: 2 },
  });
  await flow.put(source, type, detail);
  await replay({ source, type, detail });
  const retried = flow.cloud.codebuild.retry(build.id);
  await flow.cloud.codebuild.waitFor(({ id, endedAt }) => id === retried.id && endedAt !== undefined, STUCK_AFTER_MS);

  const codes = async () => (await flow.parked("provisioner")).map(({ code }) => code).sort();
  await eventually("the spent grant and the replay to be parked", codes, (seen) => seen.length === PARKED);
  expect(await codes()).toEqual(["grant_spent", "replayed"]);
  expect(appliesOf(flow, request)).toBe(1);
  expect(buildsOf(flow, request, "apply")).toHaveLength(2); // Retry's own, which found the job ended.
}

/** As EventBridge sends it out of an archive. */
async function replay({ source, type, detail }: Pick<Published, "source" | "type" | "detail">): Promise<void> {
  await new SQSClient(flow.cloud.asRoot).send(
    new SendMessageCommand({
      QueueUrl: `${flow.cloud.front.url}/000000000000/sluice-local-provisioner`,
      MessageBody: JSON.stringify({
        source,
        account: "000000000000",
        "detail-type": type,
        detail,
        "replay-name": "again",
      }),
    }),
  );
}
