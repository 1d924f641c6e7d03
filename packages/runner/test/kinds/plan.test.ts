import { describe, expect, it } from "vitest";
import { makePlan, orphansOf, type PlanJob } from "../../src/kinds/plan.ts";
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

  it("is everything that is tagged when there is no state", () => {
    expect(orphansOf({ prior_state: undefined }, [arn("instance/i-2")])).toEqual([arn("instance/i-2")]);
  });
});
