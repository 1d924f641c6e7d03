import { DescribeInstancesCommand, EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, it } from "vitest";
import { STUCK_AFTER_MS } from "../story/heard.ts";
import { linesOf, wholeText } from "../story/message-text.ts";
import { said } from "./builds-of.ts";
import { type Flow, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";

/** What a killed apply made and could not write down. */
let flow: Flow;
beforeAll(async () => {
  flow = await startFlow("orphans", ["staging"]);
});
afterAll(() => flow?.stop());

it("a machine that no state knows is shown by its ARN, above the new plan and to those who approve it", async () => {
  const { cloud, world } = flow;
  await cloud.targetsAreReady;
  cloud.codebuild.buildFaults.add({
    name: "killed when the machine exists and Terraform has not heard of it",
    matches: ({ project }) => project.name.includes("-apply-"),
    kill: { atCall: ({ service, action }) => service === "ec2" && action === "RunInstances", when: "after" },
    times: 1,
  });
  const parameters = { name: "web-9", size: "small" };
  const message = await world.ask("ada", {
    blueprint: "virtual-machine",
    environment: "staging",
    reason: "load test",
    parameters,
  });
  const request = world.requestIdOf(message);
  await cloud.slack.click("carol", await world.approval(request, true, STUCK_AFTER_MS), "approve");

  const pause = await flow.ended(request);
  expect(pause).toMatchObject({ type: "request.paused.v1", detail: { data: { reason: "needs_replan" } } });
  const [orphan = ""] = await machines();
  expect(orphan).toMatch(/^i-/);
  await said(flow, "staging", request, /killed in the middle of the apply[\s\S]*\[Plan again\]/);
  await holdInvariants(flow, request, "staging");

  await cloud.slack.click("ada", message, "plan_again");
  const asked = await gate(2);
  const text = wholeText(asked.blocks);
  expect(text).toMatch(new RegExp(`in the account that no state knows[\\s\\S]*instance/${orphan}[\\s\\S]*adds 1`));
  expect(text).toMatch(/Delete them by hand and plan again/);
  await cloud.slack.click("carol", asked, "see_plan");
  const shown = cloud.slack.views("carol").flatMap(({ content }) => linesOf(content.blocks as unknown[]));
  const arnAt = shown.findIndex((line) => line.includes(`instance/${orphan}`));
  expect(arnAt).toBeGreaterThan(-1);
  expect(arnAt).toBeLessThan(shown.findIndex((line) => /aws_?instance/.test(line)));

  await new EC2Client(cloud.asOwner(world.account("staging"))).send(
    new TerminateInstancesCommand({ InstanceIds: [orphan] }),
  );
  await cloud.slack.click("ada", message, "plan_again");
  const clean = await gate(3);
  expect(wholeText(clean.blocks)).not.toMatch(/no state knows/);
  await cloud.slack.click("carol", clean, "approve");

  await flow.heard(request, "request.completed.v1");
  expect(await machines()).toHaveLength(1);
  expect(await machines()).not.toContain(orphan);
  await holdInvariants(flow, request, "staging");

  /** The approvers' message about this attempt of the gate. */
  async function gate(attempt: number) {
    const { data } = await flow.events
      .waitFor(
        `gate ${attempt}`,
        ({ type, detail }) =>
          type === "approval.opened.v1" && (detail.data.gate as { attempt: number }).attempt === attempt,
        STUCK_AFTER_MS,
      )
      .then(({ detail }) => detail);
    return cloud.slack.waitFor(
      `the approvers to be asked about attempt ${attempt}`,
      () =>
        cloud.slack
          .messages("approvals")
          .find(({ blocks }) => wholeText(blocks).includes(`exactly plan ${String(data.changeDigest).slice(0, 8)}`)),
      STUCK_AFTER_MS,
    );
  }
});

/** The ids of machines of that name that exist in the account. */
async function machines(): Promise<string[]> {
  const { Reservations = [] } = await new EC2Client(flow.cloud.asOwner(flow.world.account("staging"))).send(
    new DescribeInstancesCommand({
      Filters: [
        { Name: "tag:Name", Values: ["web-9"] },
        { Name: "instance-state-name", Values: ["pending", "running"] },
      ],
    }),
  );
  return Reservations.flatMap(({ Instances = [] }) => Instances).map(({ InstanceId = "" }) => InstanceId);
}
