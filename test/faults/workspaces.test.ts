import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { appliesOf, buildsOf, killApplyAt, said, statusOf } from "./builds-of.ts";
import { eventually, type Flow, hurried, isWriteOf, newRequestId, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";

/** Requests for one workspace go one after the other, and whoever waits sees whom for. */
let flow: Flow;
beforeAll(async () => {
  flow = await startFlow("workspaces");
});
afterAll(() => flow?.stop());
afterEach(() => flow.cloud.front.faults.clear());

/** A request that stands in line behind another one, and has said so. */
async function inLineBehind(holder: string, name: string, position: number): Promise<string> {
  const request = await flow.propose({ name, environment: "staging" });
  const waits = await flow.heard(request, "step.suspended.v1");
  expect(waits.detail.data).toMatchObject({ waitsFor: "workspace", holder, position });
  return request;
}

describe.concurrent("a request that waits for a workspace", () => {
  it("has no build, says whom it waits for, and goes on when that one is withdrawn", async () => {
    const first = await flow.propose({ name: "line", environment: "staging" });
    await flow.opened(first);
    const second = await inLineBehind(first, "line", 1);
    const third = await inLineBehind(first, "line", 2);

    await said(
      flow,
      "staging",
      second,
      new RegExp(`waiting for the workspace, held by a request of Ada \\(${first}\\)`),
    );
    expect(await statusOf(flow, "ada", "staging", second)).toContain(`held by ${first}`);
    expect(buildsOf(flow, second, "plan")).toHaveLength(0);

    await flow.withdraw(second); // Who only stands in line leaves it.
    await flow.heard(second, "request.withdrawn.v1");
    await flow.withdraw(first);
    await flow.heard(first, "request.withdrawn.v1");

    await flow.opened(third);
    await flow.decide(third);
    expect((await flow.ended(third)).type).toBe("request.completed.v1");
    for (const withdrawn of [first, second]) {
      expect(await said(flow, "staging", withdrawn, /Withdrawn/)).toMatch(/Withdrawn by Ada\. Nothing was changed\./);
      expect(appliesOf(flow, withdrawn)).toBe(0);
      await holdInvariants(flow, withdrawn, "staging");
    }
    await holdInvariants(flow, third, "staging");
  });

  it("goes on once an operator has unlocked what a killed apply left, and that request was given up", async () => {
    const first = newRequestId();
    killApplyAt(flow, first, 5);
    await flow.propose({ request: first, name: "left", environment: "staging", seconds: [0, 5, 0] });
    await flow.opened(first);
    await flow.decide(first);
    expect((await flow.ended(first)).type).toBe("request.paused.v1");
    const second = await inLineBehind(first, "left", 1);

    await flow.unlock(first, "staging", "probe-left", "carol", "let me try");
    const refused = await flow.heard(first, "unlock.refused.v1");
    expect(refused.detail.data).toMatchObject({ code: "not_an_operator" });

    await flow.unlock(first, "staging", "probe-left", "dan", "looked at the account: nothing was left");
    const unlocked = await flow.heard(first, "workspace.unlocked.v1");
    expect(unlocked.detail.data).toMatchObject({
      by: "person_dan",
      reason: expect.stringContaining("nothing was left"),
    });
    const kept = await flow.items("provisioner", "staging#workspace#probe-left");
    expect(kept.find(({ sk }) => String(sk).startsWith("unlock#"))).toMatchObject({ by: "person_dan", request: first });
    expect(buildsOf(flow, second, "plan"), "unlocked is not given up: the first one still holds it").toHaveLength(0);

    await flow.withdraw(first, "dan", "will be made anew");
    await flow.heard(first, "request.withdrawn.v1");
    expect(await said(flow, "staging", first, /Withdrawn/)).toMatch(
      /Withdrawn by Dan\. What its stopped apply changed is still there\.\s+Dan wrote:\n> “will be made anew”/,
    );

    await flow.opened(second);
    await flow.decide(second);
    expect((await flow.ended(second)).type).toBe("request.completed.v1");
    await holdInvariants(flow, first, "staging");
    await holdInvariants(flow, second, "staging");
  });
});

it("twenty requests go strictly one after another while the host dies again and again, and none is lost", async () => {
  let writes = 0;
  let under = Promise.resolve();
  flow.cloud.front.faults.add({
    name: "the host is killed after every 23rd write of the provisioner",
    when: "after",
    matches: (call) => isWriteOf("provisioner")(call) && ++writes % 23 === 0,
    do: () => {
      under = under.then(() => flow.cloud.lambda.restart());
      return under;
    },
  });
  const requests = await Promise.all(
    Array.from({ length: 20 }, () => flow.propose({ name: "twenty", environment: "staging" })),
  );

  // Every fourth is approved: who is rejected gives the workspace on as well, with a quarter of the work.
  const isApproved = (request: string) => requests.indexOf(request) % 4 === 0;
  const deciding = requests.map(async (request) => {
    await flow.opened(request, 1, TURN_MS);
    await flow.decide(request, "carol", 1, isApproved(request) ? "approve" : "reject");
  });
  const open = async () => requests.filter((request) => endOf(request) === undefined);
  await hurried(flow.cloud, () => eventually("all to end", open, ({ length }) => length === 0, TURN_MS));
  await Promise.all(deciding);
  flow.cloud.front.faults.clear();
  await under;

  expect(writes).toBeGreaterThan(100);
  const turns = requests
    .map((request) => ({ request, began: firstOf(request, /^plan\.completed/), ended: firstOf(request, ENDED) }))
    .sort((one, other) => one.began - other.began);
  for (const [index, { request, began }] of turns.entries())
    expect(began, `${request} began before the one ahead of it had ended`).toBeGreaterThan(
      turns[index - 1]?.ended ?? -1,
    );
  for (const { request } of turns) {
    expect(endOf(request)?.type).toBe(isApproved(request) ? "request.completed.v1" : "request.rejected.v1");
    expect(appliesOf(flow, request)).toBe(isApproved(request) ? 1 : 0);
    await holdInvariants(flow, request, "staging");
  }
});

/** For all of them: who is last in line waits for nineteen. */
const TURN_MS = 600_000;
const ENDED = /^request\.(completed|rejected)\.v1$/;
const endOf = (request: string) => flow.events.of(request).find(({ type }) => ENDED.test(type));
const firstOf = (wanted: string, type: RegExp) =>
  flow.events.all.findIndex((event) => event.request === wanted && type.test(event.type));
