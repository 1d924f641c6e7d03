import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appliesOf, buildsOf, runsOf, said, spendersOf, statusOf } from "./builds-of.ts";
import { changeRunner, plansOnAnotherState, reports, rewritesItsPlanFile } from "./changed-runner.ts";
import { eventually, type Flow, newRequestId, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";

/**
 * Exactly that change, also against a plan that lies and a world that moves (suite 1 of the threat model, for plans and applies): no write of Terraform that the
 * approved page does not name. Every request here is approved by a person.
 */
let flow: Flow;
let folder: string;
let s3: S3Client;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-lying-"));
  flow = await startFlow("lying-builds");
  s3 = new S3Client(flow.cloud.asRoot);
});
afterAll(async () => {
  await flow?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.concurrent("a plan build that runs other code", () => {
  it("cannot bring code of its own into the apply: what it made of its plan file is applied by nobody", async () => {
    const marker = join(folder, "a-command-ran");
    const request = await lying("rewritten", rewritesItsPlanFile(`touch ${marker}`));

    await flow.decide(request);

    expect((await flow.ended(request)).type).toBe("request.completed.v1");
    expect(existsSync(marker), "a command of the plan's build ran in the apply's").toBe(false);
    expect(runsOf(flow, request, "plan")).toBe(1);
    await holdInvariants(flow, request, "staging");
  });

  it("cannot have another state changed: the apply plans on the request's own", async () => {
    const genuine = newRequestId();
    await flow.propose({ request: genuine, name: "own-state", environment: "staging", by: "ada" });
    await flow.opened(genuine);
    await flow.decide(genuine);
    await flow.ended(genuine);
    const before = await flow.world.state("staging", "probe-own-state");

    const request = await lying("own-state", plansOnAnotherState); // It says that all of it is to be made.
    await flow.decide(request);

    await hasMoved(request, "own-state", /terraform_data\.first create → nothing/);
    expect(await flow.world.state("staging", "probe-own-state")).toEqual(before);
    expect(await objectOf("staging/elsewhere")).toBeUndefined();
  });

  it("cannot have its own count believed: a plan that says it does nothing is not applied", async () => {
    const nothing = `(output) => {
      const counts = Object.fromEntries(Object.keys(output.summary.counts).map((name) => [name, 0]));
      output.summary = { ...output.summary, empty: true, counts };
    }`;
    const request = await lying("counted", reports(nothing));

    await flow.decide(request);

    const end = await flow.ended(request);
    expect(end).toMatchObject({ type: "request.failed.v1", detail: { data: { code: "summary_changed" } } });
    await isUntouched(request, "counted");
    expect(await said(flow, "staging", request, /Edit and ask again/)).toMatch(
      /What the approval was judged by is not what the plan does\. Tell the people who run Sluice\. Nothing was changed\.[\s\S]*\[Edit and ask again…\]/,
    );
    await holdInvariants(flow, request, "staging");
  });
});

describe.concurrent("a world that moves between plan and apply", () => {
  it("stops the apply, says what moved, lets others go on, and is asked about anew; in the same place again it ends", async () => {
    const donor = newRequestId();
    await flow.propose({ request: donor, name: "donor", environment: "staging" });
    await flow.opened(donor);
    await flow.decide(donor);
    await flow.ended(donor);
    const request = newRequestId();
    await flow.propose({ request, name: "moved", environment: "staging" });
    await flow.opened(request);
    const next = await flow.propose({ name: "moved", environment: "staging" });
    await flow.heard(next, "step.suspended.v1");

    await keptByHand("probe-donor", "probe-moved"); // Somebody's own Terraform, between the approval and the apply.
    await flow.decide(request);

    await hasMoved(request, "moved", /terraform_data\.first create → nothing/);
    expect(await statusOf(flow, "ada", "staging", request)).toMatch(/Something moved since the plan was approved/);
    await flow.opened(next); // The workspace is free: whoever waited goes on.
    await flow.withdraw(next);
    await flow.heard(next, "request.withdrawn.v1");

    await flow.repeat(request, "plan", 1);
    await flow.opened(request, 2);
    await s3.send(new DeleteObjectCommand({ Bucket: states(), Key: "staging/probe-moved" })); // And back again.
    await flow.decide(request, "carol", 2);

    const end = await flow.heard(request, "request.failed.v1");
    expect(end.detail.data).toMatchObject({ code: "plan_never_equal" });
    await isUntouched(request, "moved");
    expect(await said(flow, "staging", request, /Edit and ask again/)).toMatch(
      /This differs at every plan: .*The code must change\. Nothing was changed\.[\s\S]*\[Edit and ask again…\]/,
    );
    await holdInvariants(flow, request, "staging");
  });
});

/** A request in staging whose plan's builds run a changed runner. Its gate is open: people look at what it said. */
async function lying(name: string, prelude: string): Promise<string> {
  const request = newRequestId();
  changeRunner(flow, request, "plan", mkdtempSync(join(folder, "runner-")), prelude);
  await flow.propose({ request, name, environment: "staging" });
  await flow.opened(request);
  expect(buildsOf(flow, request, "plan")).toHaveLength(1);
  return request;
}

/** The request waits with *Plan again*, and everybody reads why. */
async function hasMoved(request: string, name: string, says: RegExp): Promise<void> {
  const pause = await flow.heard(request, "request.paused.v1");
  expect(pause.detail.data).toMatchObject({ reason: "plan_changed" });
  expect((await flow.heard(request, "apply.failed.v1")).detail.data).toMatchObject({
    code: "plan_changed",
    repeatable: true,
    sentence: expect.stringMatching(says),
  });
  expect(await said(flow, "staging", request, /Plan again/)).toMatch(
    /Something moved since the plan was approved: [\s\S]*Nothing was changed\.[\s\S]*\[Plan again\]/,
  );
  expect(await said(flow, "approvals", request, /moved/)).toMatch(/Something moved since[\s\S]*Nothing was changed/);
  await isUntouched(request, name);
}

/** Nothing was applied, no grant was spent, nobody is kept from the workspace. */
async function isUntouched(request: string, name: string): Promise<void> {
  expect(appliesOf(flow, request)).toBe(0);
  expect(await spendersOf(flow, request)).toEqual([]);
  expect(flow.events.of(request, "workspace.blocked.v1")).toEqual([]);
  const workspace = await eventually(
    "the workspace to be free",
    () => flow.workspace("staging", `probe-${name}`),
    (item) => item !== undefined && !JSON.stringify(item.holder ?? {}).includes(request),
  );
  expect(workspace).not.toHaveProperty("blocked");
}

const states = () => String(flow.cloud.outputs().statesBucket);

/** A state that was put where another one would be, as if somebody had applied the same by hand. */
async function keptByHand(from: string, to: string): Promise<void> {
  const Body = (await objectOf(`staging/${from}`)) ?? "";
  await s3.send(new PutObjectCommand({ Bucket: states(), Key: `staging/${to}`, Body }));
}

async function objectOf(Key: string): Promise<string | undefined> {
  try {
    return await (await s3.send(new GetObjectCommand({ Bucket: states(), Key }))).Body?.transformToString();
  } catch (cause) {
    if (cause instanceof Error && cause.name === "NoSuchKey") return undefined;
    throw cause;
  }
}
