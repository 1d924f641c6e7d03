import { RequestId, WorkspaceName } from "@sluice/events";
import { digestOf, GrantClaims, type GrantExpectation, sha256Of } from "@sluice/steps";
import { CompactSign, exportSPKI, generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import { type ApplyJob, applyPlan } from "../../src/kinds/apply.ts";
import { words } from "../../src/masking/words.ts";
import { pageBytes, planPage } from "../../src/plan-page/plan-page.ts";
import { contentDigest } from "../../src/terraform/content-digest.ts";
import { line, memoryBuild } from "../memory-build.ts";
import { planJson, resource } from "../plan-json.ts";

const SECRET = "correct-horse";
const plan = planJson({
  timestamp: "2026-11-23T12:00:00Z",
  resource_changes: [
    resource("aws_a.one", { actions: ["create"], before: null, after: { p: SECRET }, after_sensitive: { p: true } }),
    resource("aws_a.two", { actions: ["delete", "create"], before: { a: 1 }, after: { a: 2 } }),
    resource("aws_a.three", { actions: ["update"], before: { a: 1 }, after: { a: 2 } }),
    resource("aws_a.same", { actions: ["no-op"], before: { a: 1 }, after: { a: 1 } }),
  ],
});
const completed = (addr: string) => line("apply_complete", { hook: { resource: { addr }, action: "create" } });
const allWell = [
  ...["aws_a.one", "aws_a.two", "aws_a.two", "aws_a.three"].map(completed),
  line("change_summary", { changes: { add: 2, change: 1, remove: 1, operation: "apply" } }),
  line("outputs", {
    outputs: {
      address: { sensitive: false, value: "10.0.0.1" },
      token: { sensitive: true, value: SECRET },
      leaked: { sensitive: false, value: `token ${SECRET}` },
      made: { sensitive: true, value: "made-by-this-apply" },
      givenAway: { sensitive: false, value: { inside: "x made-by-this-apply x" } },
      hosts: { sensitive: false, value: [{ name: "web-7", instance_id: "i-1" }] },
    },
  }),
];
const keys = await generateKeyPair("ES256");
const publicKey = await exportSPKI(keys.publicKey);

/** An approved plan, ready to be applied, with what a test changes about it. */
async function approved(
  options: { shown?: object; apply?: { lines: string[]; code?: number }; key?: typeof keys.privateKey } = {},
) {
  const made = await memoryBuild({
    show: { lines: [JSON.stringify(options.shown ?? { ...plan, timestamp: "2026-11-23T13:00:00Z" })] },
    apply: options.apply ?? { lines: allWell },
  });
  const orphans = ["arn:aws:ec2:eu-west-1:111111111111:instance/i-lost"];
  const page = await made.jobs.put("results/page.json", pageBytes(planPage(plan, orphans)).bytes);
  const file = await made.plans.put("plans/plan.tfplan", "the plan file");
  const expected: GrantExpectation = {
    request: "req_7k3m9qx2",
    itinerary: digestOf("itinerary"),
    environment: "staging",
    workspace: "probe-smoke",
    plan: {
      step: "plan",
      attempt: 1,
      fileSha256: file.sha256,
      contentDigest: contentDigest(plan),
      pageSha256: page.sha256,
      epoch: 0,
    },
  };
  const now = made.build.now() / 1_000;
  const claims = GrantClaims.parse({
    ...expected,
    jti: sha256Of("gate"),
    gate: { step: "approve", attempt: 1 },
    decidedBy: ["person_carol"],
    iat: now,
    exp: now + 3_600,
  });
  const sign = (said: object) =>
    new CompactSign(new TextEncoder().encode(JSON.stringify(said)))
      .setProtectedHeader({ alg: "ES256" })
      .sign(options.key ?? keys.privateKey);
  const job: ApplyJob = {
    request: RequestId.parse("req_7k3m9qx2"),
    environment: "staging",
    workspace: WorkspaceName.parse("probe-smoke"),
    root: "probe",
    variables: {},
    plan: { file, page, contentDigest: contentDigest(plan) },
    grant: await sign(claims),
    expected: [expected, expected],
  };
  const starts: string[] = [];
  const start = async (jti: string) => {
    starts.push(jti);
    return { epoch: 1 };
  };
  return { ...made, job, claims, sign, starts, start, expected };
}

type Approved = Awaited<ReturnType<typeof approved>>;

/** Nothing was started, nothing was applied, and the reason has this code. */
async function expectRefused(made: Approved, job: ApplyJob, code: string) {
  const judged = applyPlan(made.build, job, publicKey, made.start);
  await expect(judged).rejects.toMatchObject({ name: "JobFailure", code });
  await expect(judged).rejects.toThrow("Nothing was changed.");
  expect(made.starts).toEqual([]);
  expect(made.commands()).not.toContain("apply");
}

it("applies exactly the approved file after its start, and keeps what is not sensitive", async () => {
  const made = await approved();

  const applied = await applyPlan(made.build, made.job, publicKey, made.start);

  expect(made.starts).toEqual([made.claims.jti]);
  expect(made.ran.at(-1)).toEqual([
    "apply",
    "-json",
    "-input=false",
    "-var-file=sluice-target.tfvars.json",
    "approved.tfplan",
  ]);
  expect(applied).toMatchObject({
    clean: true,
    output: {
      resources: { added: 2, changed: 1, destroyed: 1 },
      hosts: 1,
      epoch: 1,
      shown: { address: "10.0.0.1", leaked: "(sensitive)" },
    },
  });
  const kept = await made.jobs.latest(applied.clean ? applied.output.outputs.key : "");
  expect(JSON.parse(kept ?? "")).toMatchObject({ outputs: { address: "10.0.0.1" }, hosts: [{ instance_id: "i-1" }] });
  for (const secret of ["token", "leaked", "made", "givenAway"])
    expect(JSON.parse(kept ?? "").outputs).not.toHaveProperty(secret);
});

it("acts in the target as the request, by a file that is not in the plan", async () => {
  const made = await approved();

  await applyPlan(made.build, made.job, publicKey, made.start);

  expect(JSON.parse(made.files["sluice-target.tfvars.json"] ?? "")).toEqual({
    target: {
      role_arn: "arn:aws:iam::111111111111:role/sluice-apply",
      external_id: "external",
      session_name: "req_7k3m9qx2",
      tags: { request: "req_7k3m9qx2" },
    },
  });
  expect(made.files["sluice.s3.tfbackend"]).toContain('key          = "staging/probe-smoke"');
});

describe("before the start anything that differs stops it", () => {
  it("a grant that another key signed", async () => {
    const { privateKey } = await generateKeyPair("ES256");
    const made = await approved({ key: privateKey });

    await expectRefused(made, made.job, "grant_signature");
  });

  it("a grant that has expired", async () => {
    const made = await approved();
    const grant = await made.sign({ ...made.claims, exp: made.build.now() / 1_000 });

    await expectRefused(made, { ...made.job, grant }, "grant_expired");
  });

  it.each([
    ["request", { request: "req_00000000" }, "grant_of_another_request"],
    ["itinerary", { itinerary: digestOf("other") }, "grant_of_another_itinerary"],
    ["workspace", { workspace: "probe-other" }, "grant_of_another_itinerary"],
  ])("a grant of another %s than the item's", async (_, different, code) => {
    const made = await approved();

    await expectRefused(made, { ...made.job, expected: [made.expected, { ...made.expected, ...different }] }, code);
  });

  it("a grant of another plan than the item's, whatever the input says", async () => {
    const made = await approved();
    const item = { ...made.expected, plan: { ...made.expected.plan, attempt: 2 } };

    await expectRefused(made, { ...made.job, expected: [made.expected, item] }, "grant_of_another_plan");
  });

  it("a plan file with other bytes", async () => {
    const made = await approved();
    const { key, versionId } = made.job.plan.file;
    made.plans.objects.set(`${key}@${versionId}`, new TextEncoder().encode("another file"));

    await expectRefused(made, made.job, "plan_file_changed");
  });

  it("a plan that says something else", async () => {
    const made = await approved({ shown: { ...plan, variables: { a: { value: 1 } } } });

    await expectRefused(made, made.job, "content_changed");
  });

  it("a page that is not the one that was signed", async () => {
    const made = await approved();
    const page = await made.jobs.put("results/page.json", pageBytes(planPage(plan, [])).bytes);

    await expectRefused(made, { ...made.job, plan: { ...made.job.plan, page } }, "page_changed");
  });

  it("a signed page that does not show what the plan says", async () => {
    const made = await approved();
    const lie = pageBytes({ ...planPage(plan, []), resources: [] });
    const page = await made.jobs.put("results/page.json", lie.bytes);
    const signed = { ...made.claims, plan: { ...made.claims.plan, pageSha256: page.sha256 } };
    const expected = { ...made.expected, plan: { ...made.expected.plan, pageSha256: page.sha256 } };
    const job = { ...made.job, grant: await made.sign(signed), expected: [expected] };

    await expectRefused(made, { ...job, plan: { ...job.plan, page } }, "page_changed");
  });

  it("a lock that is not ours", async () => {
    const made = await approved();
    const lock = { ID: "4f3b1c52-6f0e-8b1a-0c5d-1f2e3d4c5b6a", Who: "ada@laptop", Created: "2026-11-23T11:00:00Z" };
    await made.states.put("staging/probe-smoke.tflock", JSON.stringify(lock));

    await expectRefused(made, made.job, "state_locked");
  });

  it("a stop", async () => {
    const made = await approved();
    made.stop.abort();

    await expectRefused(made, made.job, "interrupted");
  });
});

it("applies nothing when the start is refused", async () => {
  const made = await approved();

  const judged = applyPlan(made.build, made.job, publicKey, async () => ({
    refused: "superseded",
    sentence: words`A newer plan has taken the place of the approved one.`,
  }));

  await expect(judged).rejects.toMatchObject({ code: "superseded" });
  expect(made.commands()).not.toContain("apply");
});

describe("after the start nothing that goes wrong is clean", () => {
  const words = { severity: "error", summary: "creating instance", detail: `no ${SECRET} here`, address: "aws_a.two" };

  it("says how far it came, in Terraform's words, without secrets", async () => {
    const lines = [completed("aws_a.one"), completed("aws_a.two"), line("diagnostic", { diagnostic: words })];
    const made = await approved({ apply: { lines, code: 1 } });

    expect(await applyPlan(made.build, made.job, publicKey, made.start)).toEqual({
      clean: false,
      code: "apply_stopped",
      sentence: "Apply stopped after 1 of 3 resources: aws_a.two: creating instance. no (sensitive value) here",
    });
  });

  it("does not believe an apply that says nothing of its end", async () => {
    const made = await approved({ apply: { lines: [completed("aws_a.one")] } });

    expect(await applyPlan(made.build, made.job, publicKey, made.start)).toMatchObject({ clean: false });
  });
});
