import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Build } from "../../src/build.ts";
import { makePlan, orphansOf, type PlanJob } from "../../src/kinds/plan.ts";
import { pageBytes, planPage } from "../../src/plan-page/plan-page.ts";
import { contentDigest } from "../../src/terraform/content-digest.ts";
import { line, memoryBuild, type Script } from "../memory-build.ts";
import { planJson, resource } from "../plan-json.ts";

const shown = planJson({
  resource_changes: [resource("aws_a.one", { actions: ["create"], before: null, after: { a: 1 } })],
});
const job: PlanJob = {
  request: "req_7k3m9qx2",
  environment: "staging",
  workspace: "probe-smoke",
  root: "probe",
  variables: { name: "smoke" },
  epoch: 0,
  searchOrphans: false,
};
const lock = { ID: "4f3b1c52-6f0e-8b1a-0c5d-1f2e3d4c5b6a", Who: "root@build", Created: "2026-11-23T11:00:00.5Z" };
const lastBuild = { startedAt: Date.parse("2026-11-23T10:59:00Z"), endedAt: Date.parse("2026-11-23T11:01:00Z") };
const nobody = async () => [];

/** A build whose Terraform left its lock behind, or nobody's. */
async function withLock(script: Script = {}) {
  const made = await memoryBuild({ show: { lines: [JSON.stringify(shown)] }, ...script });
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
  const nothing = { show: { lines: [JSON.stringify(planJson({ applyable: false }))] } };

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

    const planned = makePlan(leavingAPlanFile(made.build), { ...removal, searchOrphans: true }, nobody);

    await expect(planned).resolves.toMatchObject({ empty: true });
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

it("shows a plan once, and keeps file, page and digest of that one reading", async () => {
  const made = await memoryBuild({ show: { lines: [JSON.stringify(shown)] } });
  await made.states.put("staging/probe-smoke", JSON.stringify({ lineage: "l", serial: 4, resources: ["secret"] }));

  const output = await makePlan(leavingAPlanFile(made.build), job, nobody);

  expect(made.commands()).toEqual(["init", "plan", "show"]);
  expect(output).toMatchObject({
    contentDigest: contentDigest(shown),
    counts: { add: 1 },
    state: { lineage: "l", serial: 4 },
    epoch: 0,
    tools: { terraform: "1.11.4" },
  });
  expect(String(await made.plans.get(output.file))).toBe("the plan file");
  expect(await made.jobs.latest(output.page.key)).toBe(pageBytes(planPage(shown, [])).bytes);
});

it.each([
  ["a failed check", planJson({ checks: [{ address: { to_display: "check.x" }, status: "fail" }] }), "plan_incomplete"],
  ["an error", planJson({ errored: true }), "plan_incomplete"],
  ["a part left out", planJson({ complete: false }), "plan_incomplete"],
  [
    "an action that is not known",
    planJson({ resource_changes: [resource("aws_a.one", { actions: ["explode"], before: {}, after: {} })] }),
    "plan_not_understood",
  ],
])("has nothing to approve in a plan with %s", async (_, plan, code) => {
  const made = await memoryBuild({ show: { lines: [JSON.stringify(plan)] } });

  await expect(makePlan(made.build, job, nobody)).rejects.toMatchObject({ code });
  expect([...made.plans.objects, ...made.jobs.objects]).toEqual([]);
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
    const made = await memoryBuild({ show: { lines: [JSON.stringify(shown)] } });
    const refused = () => Promise.reject(new Error("AccessDenied"));

    await expect(makePlan(made.build, { ...job, searchOrphans: true }, refused)).rejects.toMatchObject({
      code: "orphans_unknown",
      message: expect.stringContaining("AccessDenied. Nothing was changed."),
    });
  });

  it("is not asked for when the root has no provider of AWS", async () => {
    const configuration = { provider_config: { terraform: { full_name: "terraform.io/builtin/terraform" } } };
    const made = await memoryBuild({ show: { lines: [JSON.stringify({ ...shown, configuration })] } });
    const refused = () => Promise.reject(new Error("AccessDenied"));

    await expect(
      makePlan(leavingAPlanFile(made.build), { ...job, searchOrphans: true }, refused),
    ).resolves.toMatchObject({
      orphans: { count: 0 },
    });
  });

  it("is everything that is tagged when there is no state", () => {
    expect(orphansOf({ prior_state: undefined }, [arn("instance/i-2")])).toEqual([arn("instance/i-2")]);
  });
});

/** The same build, in which Terraform's plan leaves its file. */
function leavingAPlanFile(build: Build): Build {
  return {
    ...build,
    async runTool(program, args, options) {
      if (args[0] === "plan") await writeFile(join(options.cwd, "plan.tfplan"), "the plan file");
      return build.runTool(program, args, options);
    },
  };
}
