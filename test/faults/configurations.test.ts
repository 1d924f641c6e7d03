import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appliesOf, buildsOf, isBuildOf, said, statusOf } from "./builds-of.ts";
import { type Flow, newRequestId, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";

/** A configuration runs once; when it is interrupted a person decides whether it runs again. */
let flow: Flow;
beforeAll(async () => {
  flow = await startFlow("configurations");
});
afterAll(() => flow?.stop());

/** The first configuration of this request dies with its playbook under way. */
function interrupt(request: string): void {
  flow.cloud.codebuild.buildFaults.add({
    name: "killed in its playbook",
    matches: isBuildOf(request, "configure"),
    kill: { atProcess: (commandLine) => commandLine.includes("ansible-playbook") },
    times: 1,
  });
}

async function interrupted(name: string): Promise<string> {
  const request = newRequestId();
  interrupt(request);
  await flow.propose({ request, name });
  const pause = await flow.ended(request);
  expect(pause).toMatchObject({
    type: "request.paused.v1",
    detail: { data: { reason: "configuration_failed", step: "configure", attempt: 1 } },
  });
  return request;
}

const countsOf = (request: string) =>
  [
    buildsOf(flow, request, "plan").length,
    appliesOf(flow, request),
    buildsOf(flow, request, "configure").length,
  ] as const;

describe.concurrent("a configuration whose build is killed", () => {
  it("is not started again by itself; Configure again, pressed twice, repeats only that, once", async () => {
    const request = await interrupted("again");

    const message = await said(flow, "sandbox", request, /Configure failed/);
    expect(message).toMatch(/What was applied exists and is not yet configured[\s\S]*\[Configure again\]/);
    expect(await statusOf(flow, "ada", "sandbox", request)).toMatch(/stopped, Configure again repeats only that step/);
    await holdInvariants(flow, request, "sandbox");
    expect(countsOf(request)).toEqual([1, 1, 1]);

    await Promise.all([flow.repeat(request, "configure", 1), flow.repeat(request, "configure", 1)]);

    await flow.heard(request, "request.completed.v1");
    expect(countsOf(request)).toEqual([1, 1, 2]);
    await holdInvariants(flow, request, "sandbox");
  });

  it("is not repeated once another request has changed the workspace: the request ends, and says why", async () => {
    const first = await interrupted("changed");
    const second = await flow.propose({ name: "changed", note: "another" });
    expect((await flow.ended(second)).type).toBe("request.completed.v1");

    await flow.repeat(first, "configure", 1);

    const refused = await flow.heard(first, "workspace.refused.v1");
    expect(refused.detail.data.sentence).toMatch(/changed since by another request/);
    const failed = await flow.heard(first, "request.failed.v1");
    expect(failed.detail.data).toMatchObject({ step: "configure", code: "workspace_changed" });
    expect(countsOf(first)).toEqual([1, 1, 1]);
    expect(await said(flow, "sandbox", first, /Configure failed: .*changed since/)).toMatch(/\[Edit and ask again/);
    await holdInvariants(flow, first, "sandbox");
    await holdInvariants(flow, second, "sandbox");
  });
});

it("a value that would be code goes all the way: as text, which packages/runner/test/adapters reads back", async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it must reach the tools as these characters.
  const note = "{{ lookup('pipe','id') }} $(id) ${file(\"/etc/passwd\")} {% raw %}";
  const request = await flow.propose({ name: "text", note });

  expect((await flow.ended(request)).type).toBe("request.completed.v1");
  expect(countsOf(request)).toEqual([1, 1, 1]);
  await holdInvariants(flow, request, "sandbox");
});
