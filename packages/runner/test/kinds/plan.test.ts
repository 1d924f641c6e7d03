import { sha256Of } from "@sluice/steps";
import { describe, expect, it } from "vitest";
import { changeDigest, entryDigests } from "../../src/change/change-digest.ts";
import { orphansOf } from "../../src/kinds/orphans.ts";
import { basisOf } from "../../src/kinds/own-plan.ts";
import { makePlan, type PlanJob } from "../../src/kinds/plan.ts";
import { pageBytes } from "../../src/plan-page/plan-page.ts";
import { summaryOf } from "../../src/plan-page/summary.ts";
import { line, memoryBuild, type Script } from "../memory-build.ts";
import { listOf, pageOf, planText, resource } from "../plan-json.ts";

const shown = planText({
  resource_changes: [resource("aws_a.one", { actions: ["create"], before: null, after: { a: 1 } })],
});
const job: PlanJob = {
  request: "req_7k3m9qx2",
  environment: "staging",
  workspace: "probe-smoke",
  root: "probe",
  release: { sha256: sha256Of("release") },
  variables: { name: "smoke" },
  epoch: 0,
  searchOrphans: false,
};
const lock = { ID: "4f3b1c52-6f0e-8b1a-0c5d-1f2e3d4c5b6a", Who: "root@build", Created: "2026-11-23T11:00:00.5Z" };
const lastBuild = { startedAt: Date.parse("2026-11-23T10:59:00Z"), endedAt: Date.parse("2026-11-23T11:01:00Z") };
const nobody = async () => [];

/** A build whose Terraform left its lock behind, or nobody's. */
async function withLock(script: Script = {}) {
  const made = await memoryBuild({ show: { lines: [shown] }, ...script });
  await made.states.put("staging/probe-smoke.tflock", JSON.stringify(lock));
  return made;
}

describe("a lock that Terraform left", () => {
  it("by our own last build is removed by its id", async () => {
    const made = await withLock({ plan: { code: 1 } });

    await expect(makePlan(made.build, { ...job, lastBuild }, nobody)).rejects.toMatchObject({
      code: "terraform_failed",
    });

    expect(made.ran[1]).toEqual(["force-unlock", "-force", lock.ID]);
  });

  it("by anybody else is left alone, and named", async () => {
    const made = await withLock();

    const planned = makePlan(made.build, job, nobody);

    await expect(planned).rejects.toMatchObject({ code: "state_locked", repeatable: true });
    await expect(planned).rejects.toThrow("locked by root@build since 2026-11-23 11:00 UTC, not by Sluice.");
    expect(made.commands()).toEqual(["init"]);
  });
});

describe("a removal", () => {
  const removal: PlanJob = { ...job, destroy: true };
  const nothing = { show: { lines: [planText({ applyable: false })] } };

  it("is planned with destroy", async () => {
    const made = await memoryBuild({ plan: { code: 1 } });

    await expect(makePlan(made.build, removal, nobody)).rejects.toMatchObject({ code: "terraform_failed" });

    expect(made.ran.find(([command]) => command === "plan")).toContain("-destroy");
  });

  it("of what is not there is refused by name", async () => {
    const made = await memoryBuild(nothing);

    await expect(makePlan(made.build, removal, nobody)).rejects.toMatchObject({
      code: "nothing_to_remove",
      message:
        "There is nothing of probe-smoke in staging that could be removed. Look at its name. Nothing was changed.",
    });
  });

  it("that was interrupted may find that everything is gone", async () => {
    const made = await memoryBuild(nothing);

    const planned = makePlan(made.build, { ...removal, searchOrphans: true }, nobody);

    await expect(planned).resolves.toMatchObject({ summary: { empty: true } });
  });
});

it("gives users' values to Terraform in a file, and never in a command", async () => {
  const made = await memoryBuild({ plan: { code: 1 } });
  const note = "$(id) -destroy";

  await expect(makePlan(made.build, { ...job, variables: { note } }, nobody)).rejects.toThrow();

  expect(JSON.parse(made.files["sluice.tfvars.json"] ?? "")).toMatchObject({
    note,
    environment: "staging",
    workspace: "probe-smoke",
  });
  expect(JSON.stringify(made.ran)).not.toContain("$(id)");
});

it("says file, line and Terraform's own words, and that nothing was changed", async () => {
  const diagnostic = {
    severity: "error",
    summary: "Unsupported argument",
    detail: "An argument named x is not expected here.",
    range: { filename: "main.tf", start: { line: 12 } },
  };
  const made = await memoryBuild({ plan: { lines: [line("diagnostic", { diagnostic })], code: 1 } });

  await expect(makePlan(made.build, job, nobody)).rejects.toThrow(
    "main.tf line 12: Unsupported argument. An argument named x is not expected here. Nothing was changed.",
  );
});

it("reads a plan once, keeps page, summary and digest of that one reading, and no plan file", async () => {
  const made = await memoryBuild({ show: { lines: [shown] } });
  await made.states.put("staging/probe-smoke", JSON.stringify({ lineage: "l", serial: 4, resources: ["secret"] }));

  const output = await makePlan(made.build, job, nobody);

  expect(made.commands()).toEqual(["init", "plan", "show"]);
  const page = pageOf(shown);
  const { key, entries } = JSON.parse((await made.jobs.latest(output.digestKey.key)) ?? "");
  expect(entries).toEqual(entryDigests(listOf(shown).list, Buffer.from(key, "base64")));
  expect(output).toMatchObject({
    changeDigest: changeDigest(entries, basisOf(job)),
    summary: summaryOf(page),
    state: { lineage: "l", serial: 4 },
    epoch: 0,
    tools: { terraform: "1.11.4" },
  });
  expect(await made.jobs.latest(output.page.key)).toBe(pageBytes(page).bytes);
  expect([...made.jobs.objects.keys()].filter((each) => !each.includes("@"))).toEqual([
    "results/staging/apply/job_7k3m9qx2_apply_1/00000000-0000-0000-0000-000000000001/page.json",
    "digest-keys/staging/job_7k3m9qx2_apply_1/00000000-0000-0000-0000-000000000001.json",
  ]);
});

it("makes a digest that nobody can try values on: a new key for each plan", async () => {
  const [one, other] = await Promise.all([
    memoryBuild({ show: { lines: [shown] } }),
    memoryBuild({ show: { lines: [shown] } }),
  ]);

  const [first, second] = [await makePlan(one.build, job, nobody), await makePlan(other.build, job, nobody)];

  expect(first.changeDigest).not.toBe(second.changeDigest);
  expect(first.page.sha256).toBe(second.page.sha256);
});

it("asks for the providers' schemas only where something goes", async () => {
  const goes = planText({
    resource_changes: [resource("aws_a.one", { actions: ["delete"], before: { a: 1 }, after: null })],
  });
  const made = await memoryBuild({ show: { lines: [goes] }, providers: { lines: ['{"provider_schemas":{}}'] } });

  await makePlan(made.build, { ...job, destroy: true }, nobody);

  expect(made.ran.at(-1)).toEqual(["providers", "schema", "-json"]);
});

it("keeps what Terraform warns of, and checks that do not hold, for people to see", async () => {
  const diagnostic = { severity: "warning", summary: "Argument is deprecated" };
  const checks = [{ address: { to_display: "check.x" }, status: "fail" }];
  const made = await memoryBuild({
    plan: { lines: [line("diagnostic", { diagnostic })] },
    show: { lines: [planText({ checks })] },
  });

  const output = await makePlan(made.build, job, nobody);

  const page = JSON.parse((await made.jobs.latest(output.page.key)) ?? "");
  expect(page.seen).toMatchObject({ warnings: ["Argument is deprecated"], checks: ["The check check.x fails."] });
});

it.each([
  ["an error", planText({ errored: true })],
  ["a part left out", planText({ complete: false })],
  ["a part that is not known", planText({ action_invocations: [] })],
  [
    "an action that is not known",
    planText({ resource_changes: [resource("aws_a.one", { actions: ["explode"], before: {}, after: {} })] }),
  ],
  [
    "a provider that takes a value from a local",
    planText({
      configuration: {
        provider_config: { aws: { name: "aws", expressions: { region: { references: ["local.x"] } } } },
      },
    }),
  ],
  ["half a number", `${shown.slice(0, -1)},"x":1e}`],
])("has nothing to approve in a plan with %s", async (_, plan) => {
  const made = await memoryBuild({ show: { lines: [plan] } });

  await expect(makePlan(made.build, job, nobody)).rejects.toMatchObject({ code: "plan_not_understood" });
  expect([...made.jobs.objects]).toEqual([]);
});

describe("what an interrupted apply left", () => {
  const arn = (id: string) => `arn:aws:ec2:eu-west-1:111111111111:${id}`;
  const prior_state = {
    values: {
      root_module: {
        resources: [{ values: { arn: arn("instance/i-1"), root_block_device: [{ volume_id: "vol-1" }] } }],
      },
    },
  };

  it("is what is tagged and in no state, by ARN or by id", () => {
    const tagged = ["instance/i-1", "volume/vol-1", "instance/i-2", "volume/vol-2"].map(arn);

    expect(orphansOf({ prior_state }, tagged)).toEqual([arn("instance/i-2"), arn("volume/vol-2")]);
  });

  it("fails the plan when it cannot be found out", async () => {
    const made = await memoryBuild({ show: { lines: [shown] } });
    const refused = () => Promise.reject(new Error("AccessDenied"));

    await expect(makePlan(made.build, { ...job, searchOrphans: true }, refused)).rejects.toMatchObject({
      code: "orphans_unknown",
      message: expect.stringContaining("AccessDenied. Nothing was changed."),
    });
  });

  it("is not asked for when the root has no provider of AWS", async () => {
    const configuration = { provider_config: { terraform: { full_name: "terraform.io/builtin/terraform" } } };
    const made = await memoryBuild({ show: { lines: [planText({ configuration })] } });
    const refused = () => Promise.reject(new Error("AccessDenied"));

    await expect(makePlan(made.build, { ...job, searchOrphans: true }, refused)).resolves.toMatchObject({
      summary: { orphans: { count: 0 } },
    });
  });

  it("is everything that is tagged when there is no state", () => {
    expect(orphansOf({ prior_state: undefined }, [arn("instance/i-2")])).toEqual([arn("instance/i-2")]);
  });
});
