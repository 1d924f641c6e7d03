import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Build, BuildFault } from "../../local/codebuild/start-codebuild.ts";
import type { Call } from "../../local/front/front.ts";
import { wholeText } from "../story/message-text.ts";
import { type Flow, newRequestId, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";

/** Builds that are lost, doubled, killed at the worst moments, or never heard of. Real Terraform, its state on S3. */
let flow: Flow;
beforeAll(async () => {
  flow = await startFlow("builds");
});
afterAll(() => flow?.stop());
afterEach(() => {
  flow.cloud.front.faults.clear();
  flow.cloud.codebuild.buildFaults.clear();
  flow.cloud.codebuild.eventFaults.clear();
});

let runs = 0;
const nextName = () => `build-${++runs}`;
const jobOf = ({ variables }: Build) => variables.find(({ name }) => name === "JOB_ID")?.value ?? "";
const isOf = (request: string, kind: string) => (build: Build) =>
  jobOf(build).startsWith(`${request.replace("req_", "job_")}_`) && build.project.name.includes(`-${kind}-`);
const appliesOf = (request: string) => {
  const builds = flow.cloud.codebuild.builds().filter(isOf(request, "apply"));
  return flow.runs().filter(({ command, build }) => command === "apply" && builds.some(({ id }) => id.endsWith(build)));
};
const isTransaction = ({ service, action }: Call) => service === "dynamodb" && action === "TransactWriteItems";
const isSleep = (seconds: number) => (commandLine: string) => new RegExp(`^sleep ${seconds}$`).test(commandLine);

/** A probe whose apply build dies in this way, once. */
async function withApplyKilled(kill: BuildFault["kill"], seconds?: number[]) {
  const request = newRequestId();
  flow.cloud.codebuild.buildFaults.add({
    name: "the apply build dies",
    matches: isOf(request, "apply"),
    kill,
    times: 1,
  });
  await flow.propose({ request, name: nextName(), ...(seconds && { seconds }) });
  return request;
}

async function completes(request: string, applies = 1) {
  expect((await flow.ended(request)).type).toBe("request.completed.v1");
  expect(appliesOf(request)).toHaveLength(applies);
  await holdInvariants(flow, request, "sandbox");
}

describe("a probe goes its way, and is applied once, when", () => {
  it("the answer of each StartBuild is lost", async () => {
    flow.cloud.codebuild.loseStartAnswer(1);

    await completes(await flow.propose({ name: nextName() }));
  });

  it("every build is started twice", async () => {
    flow.cloud.codebuild.startTwice(3);

    await completes(await flow.propose({ name: nextName() }));
  });

  it("CodeBuild refuses the first start", async () => {
    flow.cloud.codebuild.refuseStart("account-limit", 1);

    await completes(await flow.propose({ name: nextName() }));
  });

  it("the apply build dies before its first command", async () => {
    await completes(await withApplyKilled("before-first-command"));
  });

  it("the lease is taken and the answer lost", async () => {
    flow.cloud.front.faults.add({
      name: "the answer to the lease is lost",
      when: "after",
      matches: ({ role, service, action }) =>
        role === "sluice-local-apply-sandbox" && service === "dynamodb" && action === "UpdateItem",
      do: "drop-answer",
      times: 1,
    });

    await completes(await flow.propose({ name: nextName() }));
  });

  it("the apply build is killed directly before the start transaction", async () => {
    await completes(await withApplyKilled({ atCall: isTransaction, when: "before" }));
  });

  it("the start transaction commits and its answer is lost", async () => {
    flow.cloud.front.faults.add({
      name: "the answer to the start is lost",
      when: "after",
      matches: (call) => call.role === "sluice-local-apply-sandbox" && isTransaction(call),
      do: "drop-answer",
      times: 1,
    });

    await completes(await flow.propose({ name: nextName() }));
  });

  it("every build's state change is doubled", async () => {
    flow.cloud.codebuild.eventFaults.add({ name: "doubled", matches: () => true, do: "double" });

    await completes(await flow.propose({ name: nextName() }));
  });

  it("the apply build's end is never heard of: the sweep asks", async () => {
    const request = newRequestId();
    flow.cloud.codebuild.eventFaults.add({ name: "lost", matches: isOf(request, "apply"), do: "lose" });
    flow.cloud.front.faults.add({
      name: "the report does not arrive",
      when: "before",
      matches: ({ role, service }) => role === "sluice-local-apply-sandbox" && service === "sqs",
      do: "refuse",
    });
    await flow.propose({ request, name: nextName() });

    await completes(request);
  });

  it("somebody presses Retry, while it applies and afterwards", async () => {
    const request = await flow.propose({ name: nextName(), seconds: [0, 4, 0] });
    const build = await flow.cloud.codebuild.waitFor(isOf(request, "apply"), 60_000);
    const retried = flow.cloud.codebuild.retry(build.id);
    await completes(request);
    await flow.cloud.codebuild.waitFor(({ id, status }) => id === retried.id && status !== "IN_PROGRESS", 30_000);

    const again = flow.cloud.codebuild.retry(build.id);
    await flow.cloud.codebuild.waitFor(({ id, status }) => id === again.id && status !== "IN_PROGRESS", 30_000);

    expect(appliesOf(request)).toHaveLength(1);
    await holdInvariants(flow, request, "sandbox");
  });
});

describe("when no build gets anywhere", () => {
  it("the request fails after three, and says that nothing was changed", async () => {
    const request = newRequestId();
    flow.cloud.codebuild.buildFaults.add({
      name: "dies at once",
      matches: isOf(request, "plan"),
      kill: "before-first-command",
    });
    await flow.propose({ request, name: nextName() });

    const end = await flow.ended(request);

    expect(end).toMatchObject({ type: "request.failed.v1", detail: { data: { code: "could_not_start" } } });
    expect(flow.cloud.codebuild.builds().filter(isOf(request, "plan"))).toHaveLength(3);
    await holdInvariants(flow, request, "sandbox");
    expect(messageOf(request)).toMatch(/Nothing was changed/);
  });
});

const messageOf = (request: string) =>
  flow.cloud.slack
    .messages("sandbox")
    .map(({ blocks }) => wholeText(blocks))
    .find((text) => text.includes(request)) ?? "";

describe("an apply that is killed after it has started is never tried again by itself", () => {
  it("also when Terraform had not begun: a new plan and a new grant finish it", async () => {
    const request = await withApplyKilled({ atCall: isTransaction, when: "after" });

    await pausesAndGoesOn(request, { killed: 0, then: 1 });
  });

  it("before Terraform's first state write: the same plan would apply again in full, and does not", async () => {
    const request = await withApplyKilled({ atProcess: isSleep(15) }, [0, 15, 0]);

    const paused = await flow.ended(request);
    expect(paused).toMatchObject({ type: "request.paused.v1", detail: { data: { reason: "needs_replan" } } });
    expect(await flow.world.state("sandbox", `probe-build-${runs}`), "no state was written").toBeUndefined();

    // The same grant in another attempt, as a confused or hostile owner might ask.
    const [asked] = flow.events.of(request, "apply.requested.v1");
    const data = { ...asked?.detail.data, attempt: 2 };
    await flow.put("sluice.approvals", "apply.requested.v1", {
      metadata: { ...asked?.detail.metadata, id: `evt_${"a".repeat(32)}` },
      data,
    });
    await pausesAndGoesOn(request, { killed: 1, then: 2 });
  });

  it("after Terraform's first state write: the new plan shows what is left to do", async () => {
    const request = await withApplyKilled({ atProcess: isSleep(30) }, [0, 21, 30]);

    await flow.ended(request, 150_000);
    expect((await flow.world.state("sandbox", `probe-build-${runs}`))?.serial, "the state was written").toBeGreaterThan(
      0,
    );
    await pausesAndGoesOn(request, { killed: 1, then: 2 });
  });

  async function pausesAndGoesOn(request: string, applied: { killed: number; then: number }) {
    const paused = await flow.ended(request);
    expect(paused).toMatchObject({ type: "request.paused.v1", detail: { data: { reason: "needs_replan" } } });
    await flow.heard(request, "workspace.blocked.v1");
    expect(appliesOf(request)).toHaveLength(applied.killed);
    await holdInvariants(flow, request, "sandbox");
    expect(messageOf(request)).toMatch(/[Pp]lan again/);

    const failed = flow.events.of(request, "apply.failed.v1").at(-1)?.detail.data;
    await flow.planAgain(request, Number(flow.events.of(request, "plan.completed.v1").at(-1)?.detail.data.attempt));
    const completed = await flow.heard(request, "request.completed.v1", 150_000);

    expect(completed.type, JSON.stringify(failed)).toBe("request.completed.v1");
    expect(appliesOf(request)).toHaveLength(applied.then);
    await holdInvariants(flow, request, "sandbox");
  }
});
