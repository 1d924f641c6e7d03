import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Build, BuildFault } from "../../local/codebuild/start-codebuild.ts";
import { stateChange } from "../../local/codebuild/state-change.ts";
import type { Call } from "../../local/front/front.ts";
import {
  appliesOf,
  buildsOf,
  callerOf,
  isBuildOf,
  isStart,
  isWrite,
  type Kind,
  runsOf,
  said,
  spendersOf,
  statusOf,
} from "./builds-of.ts";
import { type Flow, newRequestId, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";

/** What CodeBuild can do to builds, and what the start transaction can meet. Terraform killed in the middle is in builds-killed.test.ts. */
let flow: Flow;
beforeAll(async () => {
  flow = await startFlow("builds");
});
afterAll(() => flow?.stop());

let probes = 0;
const propose = (request = newRequestId()) => flow.propose({ request, name: `build-${++probes}` });

async function completesOnce(request: string): Promise<void> {
  expect((await flow.ended(request)).type).toBe("request.completed.v1");
  expect(appliesOf(flow, request)).toBe(1);
  await holdInvariants(flow, request, "sandbox");
}

describe("a start", () => {
  afterEach(() => flow.cloud.front.faults.clear());

  it("whose answer is lost again and again is one build", async () => {
    flow.cloud.codebuild.loseStartAnswer(4); // Three are one call of the SDK.
    const request = await propose();

    await completesOnce(request);

    expect(buildsOf(flow, request, "plan")).toHaveLength(1);
  });

  it("whose answer is lost until CodeBuild has forgotten it is two builds, of which one works", async () => {
    const request = newRequestId();
    forgetsTheApply(request);
    await propose(request);

    await completesOnce(request);

    expect(buildsOf(flow, request, "apply")).toHaveLength(2);
    expect(await spendersOf(flow, request)).toHaveLength(1);
  });

  it("that makes two builds at once lets one of them work", async () => {
    flow.cloud.codebuild.startTwice(4); // All of its steps.
    const request = await propose();

    await completesOnce(request);

    for (const kind of ["plan", "apply"] as const) {
      expect(buildsOf(flow, request, kind)).toHaveLength(2);
      expect(runsOf(flow, request, kind)).toBe(1);
    }
  });

  it("that CodeBuild throttles comes later", async () => {
    flow.cloud.codebuild.refuseStart("throttle", 5);
    flow.cloud.codebuild.refuseStart("account-limit", 2);

    await completesOnce(await propose());
  });
});

describe.concurrent("Retry in CodeBuild's console", () => {
  it("of builds that have worked does nothing", async () => {
    const request = await propose();
    await flow.ended(request);

    const done = [...buildsOf(flow, request, "plan"), ...buildsOf(flow, request, "apply")];
    const again = done.map(({ id }) => flow.cloud.codebuild.retry(id).id);
    for (const build of again)
      await flow.cloud.codebuild.waitFor(({ id, endedAt }) => id === build && endedAt !== undefined, 60_000);

    await completesOnce(request);
    expect(buildsOf(flow, request, "apply")).toHaveLength(2);
  });

  it("while the apply is under way does nothing", async () => {
    const request = newRequestId();
    atCall(request, "apply", "after", isStart, ({ id }) => void flow.cloud.codebuild.retry(id));
    await propose(request);

    await completesOnce(request);

    expect(buildsOf(flow, request, "apply")).toHaveLength(2);
  });
});

describe.concurrent("a build that dies", () => {
  it("before its first command is started again", async () => {
    const request = newRequestId();
    for (const kind of ["plan", "apply"] as const) kill(request, kind, "before-first-command", 2);
    await propose(request);

    await completesOnce(request);

    for (const kind of ["plan", "apply"] as const) expect(buildsOf(flow, request, kind)).toHaveLength(3);
  });

  it("three times in the plan ends the request, which says so", async () => {
    const request = newRequestId();
    kill(request, "plan", "before-first-command", 3);
    await propose(request);

    const end = await flow.ended(request);

    expect(end).toMatchObject({ type: "request.failed.v1", detail: { data: { code: "could_not_start" } } });
    expect(buildsOf(flow, request, "plan")).toHaveLength(3);
    const message = await said(flow, "sandbox", request, /Plan failed/);
    expect(message).toMatch(/Three builds were started and none of them came to an end. Nothing was changed./);
    expect(message).toMatch(/\[Edit and ask again/);
    await holdInvariants(flow, request, "sandbox");
  });

  it("or waits too long for its turn, three times in the apply, stops the request unblocked; it can be planned again", async () => {
    const request = newRequestId();
    waitsTooLongOnce(request);
    kill(request, "apply", "before-first-command", 2);
    await propose(request);

    const pause = await flow.ended(request);

    expect(pause.detail.data).toMatchObject({ reason: "needs_replan", step: "apply" });
    expect(flow.events.of(request, "workspace.blocked.v1")).toHaveLength(0);
    const message = await said(flow, "sandbox", request, /Apply stopped/);
    expect(message).toMatch(/none of them came to an end. Nothing was changed/);
    expect(message).toMatch(/\[Plan again\]/);
    expect(message).not.toMatch(/obody else can apply|Unlock/);
    expect(await statusOf(flow, "ada", "sandbox", request)).toMatch(/stopped, Plan again shows what is left/);

    await goesOn(request, 1);
  });

  it("with the lease, before the start, is started again, and the approval is still good", async () => {
    const request = newRequestId();
    kill(request, "plan", { atCall: isWrite, when: "after" });
    kill(request, "apply", { atCall: isStart, when: "before" });
    await propose(request);

    await completesOnce(request);

    for (const kind of ["plan", "apply"] as const) expect(buildsOf(flow, request, kind)).toHaveLength(2);
    expect(await spendersOf(flow, request)).toEqual([buildsOf(flow, request, "apply")[1]?.id]);
  });

  it("between its page and its report, or while its own plan holds the state's lock, is started again", async () => {
    const request = newRequestId();
    const puts = (file: string) => (call: Call) => call.action === "PutObject" && call.path.endsWith(file);
    kill(request, "plan", { atCall: puts("/page.json"), when: "after" });
    kill(request, "apply", { atCall: puts(".tflock"), when: "after" });
    await propose(request);

    await completesOnce(request);

    for (const kind of ["plan", "apply"] as const) expect(buildsOf(flow, request, kind)).toHaveLength(2);
    expect(await spendersOf(flow, request)).toEqual([buildsOf(flow, request, "apply")[1]?.id]);
  });

  it("when its start has committed has spent the approval, though Terraform never ran", async () => {
    const request = newRequestId();
    kill(request, "apply", { atCall: isStart, when: "after" });
    await propose(request);

    const pause = await flow.ended(request);

    expect(pause.detail.data).toMatchObject({ reason: "needs_replan" });
    expect(appliesOf(flow, request)).toBe(0);
    expect(buildsOf(flow, request, "apply")).toHaveLength(1);
    expect(await said(flow, "sandbox", request, /Apply stopped[\s\S]*obody else can apply/)).toMatch(
      /What it changed is not known: plan again to see[\s\S]*The approval is used up/,
    );

    await goesOn(request, 1);
    expect(await spendersOf(flow, request)).toHaveLength(2);
  });

  async function goesOn(request: string, applies: number): Promise<void> {
    await holdInvariants(flow, request, "sandbox");
    await flow.repeat(request, "plan", 1);
    await flow.heard(request, "request.completed.v1");
    expect(appliesOf(flow, request)).toBe(applies);
    await holdInvariants(flow, request, "sandbox");
  }
});

/** How often a build's SDK tries one write. */
const TRIES = 8;

describe.concurrent("a write of a build that commits and times out", () => {
  it.each([
    ["the lease", isWrite, 1],
    ["the start", isStart, TRIES],
  ] as const)("%s is found to be its own, and it goes on", async (_, isMeant, times) => {
    const request = newRequestId();
    flow.cloud.front.faults.add({
      name: "a write of the apply commits and times out",
      when: "after",
      matches: (call) => isMeant(call) && callerOf(flow, request, "apply", call) !== undefined,
      do: "drop-answer",
      times,
    });
    await propose(request);

    await completesOnce(request);

    expect(buildsOf(flow, request, "apply")).toHaveLength(1);
  });
});

describe.concurrent("what CodeBuild and builds say", () => {
  it("may be lost altogether: the sweep finds out", async () => {
    const request = newRequestId();
    flow.cloud.codebuild.eventFaults.add({ name: "lost", matches: isBuildOf(request, "apply"), do: "lose" });
    flow.cloud.front.faults.add({
      name: "the reports of the apply are lost",
      when: "before",
      matches: (call) => call.service === "sqs" && callerOf(flow, request, "apply", call) !== undefined,
      do: "refuse",
    });
    await propose(request);

    await completesOnce(request); // Its deadline moves the clock, and so the sweep.
  });

  it("may come early and twice: it only wakes, and what is true is read", async () => {
    const request = newRequestId();
    for (const kind of ["plan", "apply"] as const)
      flow.cloud.codebuild.eventFaults.add({ name: "doubled", matches: isBuildOf(request, kind), do: "double" });
    atCall(request, "apply", "before", isWrite, saysItIsOver);
    atCall(request, "apply", "after", isStart, saysItIsOver);
    await propose(request);

    await completesOnce(request);

    expect(buildsOf(flow, request, "apply")).toHaveLength(1);
    expect(flow.events.of(request, "apply.failed.v1")).toHaveLength(0);
  });
});

function kill(request: string, kind: Kind, how: BuildFault["kill"], times = 1): void {
  flow.cloud.codebuild.buildFaults.add({ name: "killed", matches: isBuildOf(request, kind), kill: how, times });
}

/** Does something once when a build of the step makes this call. */
function atCall(
  request: string,
  kind: Kind,
  when: "before" | "after",
  isMeant: (call: Call) => boolean,
  act: (build: Build) => void | Promise<void>,
): void {
  flow.cloud.front.faults.add({
    name: "something happens at a build's call",
    when,
    matches: (call) => isMeant(call) && callerOf(flow, request, kind, call) !== undefined,
    do: (call) => {
      const build = callerOf(flow, request, kind, call);
      return build && act(build);
    },
    times: 1,
  });
}

/** The answer to the apply's first start is lost, and when it is asked for again CodeBuild's five minutes of remembering are over. */
function forgetsTheApply(request: string): void {
  const fault = {
    name: "the answer to the apply's start is lost",
    when: "after",
    matches: ({ action, body }: Call) =>
      action === "StartBuild" && JSON.stringify(body).includes(`${request.replace("req_", "job_")}_apply_`),
    times: 1,
  } as const;
  flow.cloud.front.faults.add({ ...fault, do: () => flow.cloud.clock.advance(6 * 60_000) });
  flow.cloud.front.faults.add({ ...fault, do: "drop-answer" });
}

/** There is no room for its build, which `queuedTimeout` ends before its first command. */
function waitsTooLongOnce(request: string): void {
  const end = flow.cloud.codebuild.onChange((build) => {
    if (!isBuildOf(request, "apply")(build)) return;
    end();
    void flow.cloud.codebuild.kill(build.id);
  });
}

/** An event that says too early that a build has ended well. */
function saysItIsOver(build: Build): Promise<void> {
  return flow.cloud.front.publishAsService([stateChange({ ...build, status: "SUCCEEDED", endedAt: Date.now() })]);
}
