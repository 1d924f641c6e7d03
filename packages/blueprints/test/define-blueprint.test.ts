import {
  apply,
  approval,
  type BlueprintDefinition,
  blueprints,
  configuration,
  defineApprovalPolicy,
  defineBlueprint,
  isApprovedByPeople,
  plan,
  probe,
  ruleOf,
  scan,
  virtualMachine,
  virtualMachineRemoval,
} from "@sluice/blueprints";
import { describe, expect, it } from "vitest";
import * as z from "zod";

const parameters = z.strictObject({ name: z.string() });
const withSteps = (...steps: BlueprintDefinition<typeof parameters>["steps"]) =>
  defineBlueprint({
    id: "sample",
    version: 1,
    title: "Sample",
    purpose: "-",
    environments: ["staging"],
    parameters,
    workspace: ({ name }) => name,
    subject: ({ name }) => name,
    steps,
  });
const planned = plan("plan", { root: "probe" });
const approved = approval("approve", { of: "plan", policy: "infrastructure" });
const applied = apply("apply", { plan: "plan", approval: "approve" });

describe("a blueprint is refused when it is defined", () => {
  it.each([
    ["an apply without a plan before it", [approved, applied], /approves plan, which is no plan before it/],
    ["an apply without a gate before it", [planned, applied], /has no gate before it/],
    [
      "an apply whose gate is about another plan",
      [
        plan("other", { root: "probe" }),
        planned,
        approval("approve", { of: "other", policy: "infrastructure" }),
        applied,
      ],
      /has no gate before it that is about plan/,
    ],
    ["an unknown root", [plan("plan", { root: "nowhere" })], /unknown root nowhere/],
    ["an unknown policy", [planned, approval("approve", { of: "plan", policy: "mine" })], /unknown policy mine/],
    [
      "an unknown playbook",
      [planned, approved, applied, configuration("configure", { playbook: "mine", hosts: "apply" })],
      /unknown playbook mine/,
    ],
    [
      "an unknown profile",
      [planned, approved, applied, scan("check", { profile: "mine", of: "apply" })],
      /unknown profile mine/,
    ],
    [
      "hosts of a later apply",
      [planned, approved, configuration("configure", { playbook: "probe", hosts: "apply" })],
      /which is no apply before it/,
    ],
    ["two steps of one name", [planned, planned], /same name/],
    ["no steps at all", [], /no steps/],
    ["a step whose owner may not be asked by the one before it", [planned, applied], /may not come after plan/],
    [
      "outputs that could outgrow an event",
      ["plan", "plan-b", "plan-c", "plan-d"].map((name) => plan(name, { root: "probe" })),
      /bytes, more than/,
    ],
  ] as const)("for %s", (_case, steps, message) => {
    expect(() => withSteps(...steps)).toThrow(message);
  });

  it("and passes when all fits", () => {
    expect(withSteps(planned, approved, applied).steps).toHaveLength(3);
  });
});

describe("an approval policy", () => {
  it("is automatic in the sandbox only", () => {
    expect(() => defineApprovalPolicy({ production: "automatic" })).toThrow(/sandbox only/);
    expect(ruleOf("infrastructure", "sandbox")).toBe("automatic");
  });

  it("names nobody for an environment or a policy that it does not know", () => {
    expect(ruleOf("infrastructure", "moon")).toBeUndefined();
    expect(ruleOf("constructor", "staging")).toBeUndefined();
  });

  it("cannot be passed by nobody", () => {
    expect(() => defineApprovalPolicy({ staging: { groups: [], approvers: 1, expiresAfterMinutes: 1 } })).toThrow(
      /names nobody/,
    );
  });
});

describe("the blueprints that come with Sluice", () => {
  it("ask one person more to remove something than to make it", () => {
    for (const environment of ["staging", "production"]) {
      const [make, remove] = [ruleOf("infrastructure", environment), ruleOf("removal", environment)];
      if (!make || !remove || make === "automatic" || remove === "automatic")
        throw new Error(`No rule for ${environment}`);
      const most = Math.max(make.approvers, make.destructive?.approvers ?? 0);

      expect(remove.approvers, environment).toBeGreaterThan(most);
      expect(remove.groups).toEqual(make.groups);
    }
  });

  it("are approved by people wherever no rule passes all of their gates", () => {
    for (const blueprint of blueprints)
      expect(
        ["sandbox", "staging", "production", "moon"].filter((each) => isApprovedByPeople(blueprint, each)),
      ).toEqual(["staging", "production", "moon"]);
  });

  it("remove what they make: same root, same workspace, and a name that is typed", () => {
    expect(virtualMachineRemoval.workspace({ name: "web-7" })).toBe(
      virtualMachine.workspace({ name: "web-7", size: "small", disk_gib: 10, open_https: false }),
    );
    expect(virtualMachineRemoval.steps[0]?.config).toEqual({ ...virtualMachine.steps[0]?.config, destroy: true });
    expect(virtualMachineRemoval.parameters.shape.name.meta()).toMatchObject({ typed: true });
  });

  it.each([
    "$(id)",
    "{{ lookup('pipe','id') }}",
    "\u0024{file('/etc/passwd')}",
    "-destroy",
    "a\nb",
    "x".repeat(10_000),
    "<!channel>",
    "\u202eabc",
    "",
  ])("take no name such as %j", (name) => {
    for (const { parameters } of blueprints) expect(parameters.safeParse({ name, size: "small" }).success).toBe(false);
  });

  it("make a workspace's name from every name they take", () => {
    for (const blueprint of blueprints) expect(blueprint.workspace({ name: "web-7" })).toMatch(/^[a-z]+-web-7$/);
    expect(probe.parameters.safeParse({ name: "smoke", seconds: [0, 15, 0] }).success).toBe(true);
    expect(probe.parameters.safeParse({ name: "smoke", seconds: [0, 15] }).success).toBe(false);
  });
});
