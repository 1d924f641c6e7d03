import { RequestId, WorkspaceName } from "@sluice/events";
import { digestOf, GrantClaims, GrantExpectation, sha256Of } from "@sluice/steps";
import { CompactSign, exportSPKI, generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import { changeDigest, entryDigests } from "../../src/change/change-digest.ts";
import { type ApplyJob, applyPlan } from "../../src/kinds/apply.ts";
import { digestKeyText } from "../../src/kinds/approved-plan.ts";
import { basisOf } from "../../src/kinds/own-plan.ts";
import { words } from "../../src/masking/words.ts";
import { pageBytes, planPage } from "../../src/plan-page/plan-page.ts";
import { seenWith } from "../../src/plan-page/seen.ts";
import { summaryOf } from "../../src/plan-page/summary.ts";
import { line, memoryBuild, type Script } from "../memory-build.ts";
import { listOf, planText, resource } from "../plan-json.ts";

const SECRET = "correct-horse";
const changes = (size = "large", secret = SECRET) => [
  resource("aws_a.one", { actions: ["create"], before: null, after: { p: secret }, after_sensitive: { p: true } }),
  resource("aws_a.two", { actions: ["delete", "create"], before: { a: 1 }, after: { a: 2 } }),
  resource("aws_a.three", { actions: ["update"], before: { size: "small" }, after: { size } }),
  resource("aws_a.same", { actions: ["no-op"], before: { a: 1 }, after: { a: 1 } }),
];
const plan = planText({ timestamp: "2026-11-23T12:00:00Z", resource_changes: changes() });
const ORPHAN = "arn:aws:ec2:eu-west-1:111111111111:instance/i-0000000000000000a";
const KEY = Buffer.alloc(32, 7);

const completed = (addr: string) => line("apply_complete", { hook: { resource: { addr }, action: "create" } });
const begun = line("apply_start", { hook: { resource: { addr: "aws_a.one" }, action: "create" } });
const allWell = [
  begun,
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

/** An approved plan, ready to be applied, with what a test changes about it. `shown` is what the apply's own plan says. */
async function approved(
  options: { shown?: string; apply?: Script[string]; key?: typeof keys.privateKey; job?: Partial<ApplyJob> } = {},
) {
  const made = await memoryBuild({
    show: { lines: [options.shown ?? planText({ timestamp: "2026-11-23T13:00:00Z", resource_changes: changes() })] },
    providers: { lines: [JSON.stringify({ provider_schemas: {} })] },
    apply: options.apply ?? { lines: allWell },
  });
  const { plan: read, mask, list } = listOf(plan);
  const page = planPage(list, seenWith(read, mask, { orphans: [ORPHAN], warnings: [] }));
  const entries = entryDigests(list, KEY);
  const base = {
    request: RequestId.parse("req_7k3m9qx2"),
    environment: "staging",
    workspace: WorkspaceName.parse("probe-smoke"),
    root: "probe",
    release: { sha256: sha256Of("release") },
    variables: { name: "smoke" },
  };
  const output = {
    page: await made.jobs.put("results/page.json", pageBytes(page).bytes),
    digestKey: await made.jobs.put("digest-keys/key.json", digestKeyText({ key: KEY, entries })),
  };
  const expected = GrantExpectation.parse({
    request: base.request,
    itinerary: digestOf("itinerary"),
    environment: base.environment,
    workspace: base.workspace,
    plan: {
      step: "plan",
      attempt: 1,
      changeDigest: changeDigest(entries, basisOf(base)),
      pageSha256: output.page.sha256,
      summarySha256: digestOf(summaryOf(page)),
      epoch: 0,
    },
  });
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
    ...base,
    plan: output,
    searchOrphans: false,
    grant: await sign(claims),
    expected: [expected, expected],
    ...options.job,
  };
  const starts: string[] = [];
  const ports = {
    publicKey,
    start: async (jti: string) => {
      starts.push(jti);
      return { epoch: 1 };
    },
    tagged: async () => [ORPHAN],
  };
  /** The same job, approved with something else in its plan. */
  const signedFor = async (different: Partial<GrantClaims["plan"]>): Promise<ApplyJob> => ({
    ...job,
    grant: await sign({ ...claims, plan: { ...claims.plan, ...different } }),
    expected: [{ ...expected, plan: { ...expected.plan, ...different } }],
  });
  return { ...made, job, claims, sign, signedFor, starts, ports, expected, page };
}

type Approved = Awaited<ReturnType<typeof approved>>;

/** Nothing was started, nothing was applied, and the reason has this code. */
async function expectRefused(made: Approved, job: ApplyJob, code: string, says: string | RegExp = "") {
  const judged = applyPlan(made.build, job, made.ports);
  await expect(judged).rejects.toMatchObject({ name: "JobFailure", code });
  await expect(judged).rejects.toThrow(says);
  await expect(judged).rejects.toThrow("Nothing was changed.");
  expect(made.starts).toEqual([]);
  expect(made.commands()).not.toContain("apply");
}

it("plans by itself, and applies that file after its start", async () => {
  const made = await approved();

  const applied = await applyPlan(made.build, made.job, made.ports);

  expect(made.commands()).toEqual(["init", "plan", "show", "providers", "apply"]);
  expect(made.ran.find(([command]) => command === "plan")).toContain("-out=own.tfplan");
  expect(made.ran.at(-1)).toEqual([
    "apply",
    "-json",
    "-input=false",
    "-var-file=sluice.tfvars.json",
    "-var-file=sluice-target.tfvars.json",
    "own.tfplan",
  ]);
  expect(JSON.parse(made.files["sluice.tfvars.json"] ?? "")).toMatchObject({ name: "smoke", workspace: "probe-smoke" });
  expect(made.said).toContainEqual({ doing: "Checking that nothing moved" });
  expect(made.starts).toEqual([made.claims.jti]);
  expect(applied).toMatchObject({
    clean: true,
    output: {
      resources: { added: 2, changed: 1, destroyed: 1 },
      hosts: 1,
      epoch: 1,
      shown: { address: "10.0.0.1", leaked: "(sensitive)" },
    },
  });
});

it("keeps what is not sensitive", async () => {
  const made = await approved();

  const applied = await applyPlan(made.build, made.job, made.ports);

  const kept = await made.jobs.latest(applied.clean ? applied.output.outputs.key : "");
  expect(JSON.parse(kept ?? "")).toMatchObject({ outputs: { address: "10.0.0.1" }, hosts: [{ instance_id: "i-1" }] });
  for (const secret of ["token", "leaked", "made", "givenAway"])
    expect(JSON.parse(kept ?? "").outputs).not.toHaveProperty(secret);
});

it("plans a removal as a removal", async () => {
  const made = await approved({ job: { destroy: true } });

  await expect(applyPlan(made.build, made.job, made.ports)).rejects.toMatchObject({ code: "plan_changed" });

  expect(made.ran.find(([command]) => command === "plan")).toContain("-destroy");
});

it("acts in the target as the request, in the target's region, by a file that is not in the plan", async () => {
  const made = await approved();

  await applyPlan(made.build, made.job, made.ports);

  expect(JSON.parse(made.files["sluice-target.tfvars.json"] ?? "")).toEqual({
    target: {
      region: "eu-central-1",
      role_arn: "arn:aws:iam::111111111111:role/sluice-apply",
      external_id: "external",
      session_name: "req_7k3m9qx2",
      tags: { request: "req_7k3m9qx2" },
    },
  });
  expect(made.files["sluice.s3.tfbackend"]).toContain('key          = "staging/probe-smoke"');
  expect(made.files["sluice.s3.tfbackend"]).toContain('region       = "eu-west-1"');
});

describe("before the start a grant that does not hold stops it, and no plan is made", () => {
  it("signed by another key", async () => {
    const { privateKey } = await generateKeyPair("ES256");
    const made = await approved({ key: privateKey });

    await expectRefused(made, made.job, "grant_signature");
    expect(made.commands()).toEqual([]);
  });

  it("expired", async () => {
    const made = await approved();
    const grant = await made.sign({ ...made.claims, exp: made.build.now() / 1_000 });

    await expectRefused(made, { ...made.job, grant }, "grant_expired");
    expect(made.commands()).toEqual([]);
  });

  it.each([
    ["request", { request: "req_00000000" }, "grant_of_another_request"],
    ["itinerary", { itinerary: digestOf("other") }, "grant_of_another_itinerary"],
    ["workspace", { workspace: "probe-other" }, "grant_of_another_itinerary"],
  ])("of another %s than the item's", async (_, different, code) => {
    const made = await approved();

    const expected = [made.expected, GrantExpectation.parse({ ...made.expected, ...different })];
    await expectRefused(made, { ...made.job, expected }, code);
  });

  it.each(["changeDigest", "pageSha256", "summarySha256"] as const)(
    "of a plan with another %s than the item's, whatever the input says",
    async (part) => {
      const made = await approved();
      const item = { ...made.expected, plan: { ...made.expected.plan, [part]: sha256Of("other") } };

      await expectRefused(made, { ...made.job, expected: [made.expected, item] }, "grant_of_another_plan");
    },
  );
});

describe("before the start a plan of its own that differs stops it", () => {
  const shown = (...args: Parameters<typeof changes>) => planText({ resource_changes: changes(...args) });

  it("and says what moved, from what to what", async () => {
    const made = await approved({ shown: shown("huge") });

    await expectRefused(made, made.job, "plan_changed", "aws_a.three: size large → huge");
  });

  it("also where only a hidden value moved, by its resource's name alone", async () => {
    const made = await approved({ shown: shown("large", "another-secret") });

    const refused = applyPlan(made.build, made.job, made.ports);

    await expect(refused).rejects.toThrow("aws_a.one (a value that is not shown). Nothing was changed.");
    await expect(refused).rejects.not.toThrow(/another-secret|correct-horse/);
  });

  it("also where it does more", async () => {
    const more = resource("aws_a.four", { actions: ["delete"], before: { id: "i-4" }, after: null });
    const made = await approved({ shown: planText({ resource_changes: [...changes(), more] }) });

    await expectRefused(made, made.job, "plan_changed", "aws_a.four nothing → destroy");
  });

  it.each([
    ["the code", { release: { sha256: sha256Of("other") } }],
    ["a parameter", { variables: { name: "other" } }],
    ["the workspace", { workspace: "probe-other" }],
  ])("also where it is of other code or parameters: %s", async (_, job) => {
    const made = await approved({ job });

    await expectRefused(made, made.job, "plan_changed", "code or parameters");
  });

  it("and is refused for good where it differed in the same places before", async () => {
    const first = await approved({ shown: shown("huge") });
    const refused = await applyPlan(first.build, first.job, first.ports).catch((cause) => cause);
    const made = await approved({ shown: shown("tiny"), job: { differedBefore: refused.differs } });

    expect(refused).toMatchObject({ code: "plan_changed", repeatable: true });
    await expectRefused(made, made.job, "plan_never_equal", "This differs at every plan: aws_a.three: size");
  });

  it("but once more is asked for where it differed elsewhere before", async () => {
    const made = await approved({ shown: shown("huge"), job: { differedBefore: digestOf(["aws_a.one"]) } });

    await expectRefused(made, made.job, "plan_changed");
  });

  it("cannot be read: what is not understood is never applied", async () => {
    const made = await approved({ shown: planText({ action_invocations: [] }) });

    await expectRefused(made, made.job, "plan_not_understood", "action_invocations");
  });
});

describe("before the start a plan build that lied is found out", () => {
  it("about its page: it does not show what the change is", async () => {
    const made = await approved();
    const lie = { ...made.page, change: { ...made.page.change, resources: made.page.change.resources.slice(1) } };
    const page = await made.jobs.put("results/page.json", pageBytes(lie).bytes);
    const job = await made.signedFor({ pageSha256: page.sha256 });

    await expectRefused(made, { ...job, plan: { ...job.plan, page } }, "page_changed");
  });

  it("about its summary: it says that nothing happens", async () => {
    const made = await approved();
    const job = await made.signedFor({ summarySha256: digestOf({ ...summaryOf(made.page), empty: true }) });

    await expectRefused(made, job, "summary_changed");
  });

  it("about orphans: the account has more than the page names", async () => {
    const made = await approved({ job: { searchOrphans: true } });
    const ports = { ...made.ports, tagged: async () => [ORPHAN, `${ORPHAN}b`] };

    await expectRefused({ ...made, ports }, made.job, "summary_changed");
  });

  it("but fewer orphans than it named refuse nothing", async () => {
    const made = await approved({ job: { searchOrphans: true } });

    const applied = applyPlan(made.build, made.job, { ...made.ports, tagged: async () => [] });

    await expect(applied).resolves.toMatchObject({ clean: true });
  });
});

describe("before the start anything else that differs stops it", () => {
  it("a page that is not the one that was signed", async () => {
    const made = await approved();
    const page = await made.jobs.put("results/page.json", "{}");

    await expectRefused(made, { ...made.job, plan: { ...made.job.plan, page } }, "page_changed");
  });

  it.each([
    ["other bytes", "another"],
    ["no key in it", JSON.stringify({ key: "", entries: [] })],
  ])("a key of the digest with %s", async (_, text) => {
    const made = await approved();
    const digestKey = await made.jobs.put("digest-keys/key.json", text);

    await expectRefused(made, { ...made.job, plan: { ...made.job.plan, digestKey } }, "digest_key_changed");
  });

  it("another key than the digest was made with", async () => {
    const made = await approved();
    const entries = entryDigests(listOf(plan).list, Buffer.alloc(32, 8));
    const digestKey = await made.jobs.put("k", digestKeyText({ key: Buffer.alloc(32, 8), entries }));

    await expectRefused(made, { ...made.job, plan: { ...made.job.plan, digestKey } }, "plan_changed");
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

  it("a grant that expired while it planned", async () => {
    const made = await approved();
    const build = {
      ...made.build,
      runTool: whenPlanned(made, () => {
        made.time.now += 3_600_000;
      }),
    };

    await expectRefused({ ...made, build }, made.job, "grant_expired");
  });

  it("less time than its plan took", async () => {
    const made = await approved();
    const build = {
      ...made.build,
      runTool: whenPlanned(made, () => {
        made.time.left = 1_000_000;
      }),
    };

    await expectRefused({ ...made, build }, made.job, "too_little_time");
  });
});

/** The same Terraform, which takes its time to plan. */
function whenPlanned({ build }: Approved, passes: () => void): Approved["build"]["runTool"] {
  return async (program, args, options) => {
    if (args[0] === "plan") passes();
    return build.runTool(program, args, options);
  };
}

it("applies nothing when the start is refused", async () => {
  const made = await approved();
  const refused = { refused: "superseded", sentence: words`A newer plan has taken its place.` };

  const judged = applyPlan(made.build, made.job, { ...made.ports, start: async () => refused });

  await expect(judged).rejects.toMatchObject({ code: "superseded" });
  expect(made.commands()).not.toContain("apply");
});

describe("after the start nothing that goes wrong is clean", () => {
  const words = { severity: "error", summary: "creating instance", detail: `no ${SECRET} here`, address: "aws_a.two" };
  const failing = line("diagnostic", { diagnostic: words });

  it("says how far it came, in Terraform's words, without secrets", async () => {
    const lines = [begun, completed("aws_a.one"), completed("aws_a.two"), failing];
    const made = await approved({ apply: { lines, code: 1 } });

    expect(await applyPlan(made.build, made.job, made.ports)).toEqual({
      clean: false,
      code: "apply_stopped",
      sentence: "After 1 of 3 resources: aws_a.two: creating instance. no (sensitive value) here",
    });
  });

  it.each([
    [
      "the signal that ended a Terraform that said nothing",
      { signal: "SIGKILL" as const },
      /it was interrupted\. SIGKILL ended Terraform/,
    ],
    ["the code of one that said nothing", { code: 3 }, /: Terraform ended with code 3 and said nothing/],
  ])("names %s", async (_, ended, says) => {
    const made = await approved({ apply: { lines: [begun, completed("aws_a.one")], ...ended } });

    expect(await applyPlan(made.build, made.job, made.ports)).toMatchObject({
      clean: false,
      sentence: expect.stringMatching(says),
    });
  });

  it("does not believe an apply that says nothing of its end", async () => {
    const made = await approved({ apply: { lines: [begun, completed("aws_a.one")] } });

    expect(await applyPlan(made.build, made.job, made.ports)).toMatchObject({ clean: false });
  });

  it.each([
    ["says that nothing was changed where nothing began and the state is the plan's", 4, /Nothing was changed\.$/],
    ["does not say so where the state has moved: somebody's own Terraform did", 5, /^(?!.*Nothing was changed)/],
  ])("%s", async (_, serial, says) => {
    const made = await approved({
      apply: () => {
        made.states.objects.set("staging/probe-smoke", bytes({ lineage: "l", serial }));
        return { lines: [failing], code: 1 };
      },
    });
    await made.states.put("staging/probe-smoke", JSON.stringify({ lineage: "l", serial: 4 }));

    expect(await applyPlan(made.build, made.job, made.ports)).toMatchObject({
      clean: false,
      sentence: expect.stringMatching(says),
    });
  });
});

const bytes = (value: object) => new TextEncoder().encode(JSON.stringify(value));
