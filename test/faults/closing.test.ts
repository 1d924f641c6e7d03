import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Call } from "../../local/front/front.ts";
import { appliesOf, callerOf, isStart, isWrite, killApplyAt, said, spendersOf } from "./builds-of.ts";
import { eventually, type Flow, hurried, isWriteOf, newRequestId, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";

/**
 * Withdraw and expire against everything. A request is closed and nothing of it was applied, or it is too late and it goes on: never "withdrawn, nothing was
 * changed" beside a `terraform apply`.
 */
let flow: Flow;
beforeAll(async () => {
  flow = await startFlow("closing");
});
afterAll(() => flow?.stop());

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

async function isWithdrawn(request: string, environment: string): Promise<void> {
  await flow.heard(request, "request.withdrawn.v1");
  expect(appliesOf(flow, request)).toBe(0);
  expect(await spendersOf(flow, request)).toHaveLength(0);
  expect(await said(flow, environment, request, /Withdrawn/)).toMatch(/Withdrawn by Ada\. Nothing was changed\./);
  await holdInvariants(flow, request, environment);
}

async function goesOn(request: string, environment: string): Promise<void> {
  const refused = await flow.heard(request, "withdrawal.refused.v1");
  expect(["too_late", "closed"]).toContain(refused.detail.data.code);
  await flow.heard(request, "request.completed.v1");
  expect(appliesOf(flow, request)).toBe(1);
  expect(flow.events.of(request, "request.withdrawn.v1")).toHaveLength(0);
  await holdInvariants(flow, request, environment);
}

describe.concurrent("a request that is withdrawn", () => {
  it.each([
    "request.accepted.v1",
    "plan.requested.v1",
    "plan.completed.v1",
    "approval.granted.v1",
    "apply.requested.v1",
    "apply.completed.v1",
    "configuration.completed.v1",
    "scan.completed.v1",
  ])("right after %s has one end, and that one is true", async (moment) => {
    const request = await flow.propose({ name: `w-${moment.split(".").slice(0, 2).join("-")}` });
    await flow.heard(request, moment);
    await flow.withdraw(request);

    const end = await flow.heard(request, /^request\.(withdrawn|completed)\.v1$/);
    await (end.type === "request.withdrawn.v1" ? isWithdrawn : goesOn)(request, "sandbox");
  });

  it("while it waits for approval is closed, and who decides then is told so", async () => {
    const request = await flow.propose({ name: "w-open", environment: "staging" });
    await flow.opened(request);

    await flow.withdraw(request);
    await isWithdrawn(request, "staging");
    await flow.decide(request);

    expect((await flow.heard(request, "decision.refused.v1")).detail.data).toMatchObject({ code: "closed" });
    expect(appliesOf(flow, request)).toBe(0);
  });

  it("by two at once, one of them an approver, is closed or decided, never both", async () => {
    const request = await flow.propose({ name: "w-both", environment: "staging" });
    await flow.opened(request);

    await Promise.all([flow.withdraw(request), flow.decide(request)]);

    const end = await flow.heard(request, /^request\.(withdrawn|completed)\.v1$/);
    await (end.type === "request.withdrawn.v1" ? isWithdrawn : goesOn)(request, "staging");
  });

  it.each<
    [string, (call: Call) => boolean, "before" | "after", (request: string, environment: string) => Promise<void>]
  >([
    ["before its apply's build takes the lease", isWrite, "before", isWithdrawn],
    ["before its apply's start commits", isStart, "before", isWithdrawn],
    ["when its apply's start has committed", isStart, "after", goesOn],
  ])("%s", async (_, isIt, when, becomesOfIt) => {
    const request = newRequestId();
    flow.cloud.front.faults.add({
      name: "somebody withdraws at this moment",
      when,
      matches: (call) => isIt(call) && callerOf(flow, request, "apply", call) !== undefined,
      times: 1,
      async do() {
        await flow.withdraw(request);
        await eventually(
          "the provisioner to have closed it, or not",
          async () => [
            ...(await flow.items("provisioner", `sandbox#${request}`)).map(({ closed }) => closed),
            ...flow.events.of(request, "closing.refused.v1"),
          ],
          (seen) => seen.some((each) => each !== undefined),
        );
      },
    });
    await flow.propose({ request, name: `w-${request.slice(4)}` });

    await becomesOfIt(request, "sandbox");
  });

  it("after a killed apply says that what it changed is still there", async () => {
    const request = newRequestId();
    killApplyAt(flow, request, 5);
    await flow.propose({ request, name: "w-killed", seconds: [0, 5, 0] });
    expect((await flow.ended(request)).type).toBe("request.paused.v1");

    await flow.withdraw(request);

    await flow.heard(request, "request.withdrawn.v1");
    expect(await said(flow, "sandbox", request, /Withdrawn/)).toContain(
      "What its stopped apply changed is still there",
    );
    expect(appliesOf(flow, request)).toBe(1);
  });
});

describe("an approval that nobody gives in time", () => {
  it("is refused, also when a decision is being written at that moment", async () => {
    const request = await flow.propose({ name: "x-race", environment: "staging" });
    await flow.opened(request);
    flow.cloud.front.faults.add({
      name: "the decision is about to be written",
      when: "before",
      matches: (call) => isWriteOf("approvals")(call) && JSON.stringify(call.body).includes('"granted"'),
      times: 1,
      async do() {
        flow.cloud.clock.advance(4 * HOUR_MS + MINUTE_MS);
        await flow.heard(request, "approval.denied.v1");
      },
    });
    await flow.decide(request);

    await flow.heard(request, "request.expired.v1");
    expect((await flow.heard(request, "decision.refused.v1")).detail.data).toMatchObject({ code: "closed" });
    expect(flow.events.of(request, "approval.granted.v1")).toHaveLength(0);
    expect(appliesOf(flow, request)).toBe(0);
    await holdInvariants(flow, request, "staging");
  });

  it("is refused by the next sweep when the host died between the write and the event", async () => {
    const request = await flow.propose({ name: "x-dies", environment: "staging" });
    await flow.opened(request);
    flow.cloud.front.faults.add({
      name: "the host is killed when the expiry has been written",
      when: "after",
      matches: (call) => isWriteOf("approvals")(call) && JSON.stringify(call.body).includes('"denied"'),
      times: 1,
      do: () => flow.cloud.lambda.restart(),
    });

    flow.cloud.clock.advance(4 * HOUR_MS + MINUTE_MS);

    expect((await flow.ended(request)).type).toBe("request.expired.v1");
    // Whoever was drawing the message died too; the next sweep draws it.
    await hurried(flow.cloud, () => said(flow, "staging", request, /Refused.*Nothing was changed\./));
    await holdInvariants(flow, request, "staging");
  });
});
