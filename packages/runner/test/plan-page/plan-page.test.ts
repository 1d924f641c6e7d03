import { describe, expect, it } from "vitest";
import { PlanPage } from "../../src/plan-page/page.ts";
import { pageBytes } from "../../src/plan-page/plan-page.ts";
import { summaryOf } from "../../src/plan-page/summary.ts";
import { pageOf, planText, resource } from "../plan-json.ts";

const page = (changes: object[], more: object = {}) => pageOf(planText({ resource_changes: changes, ...more }));
const resourcesOf = (changes: object[]) => page(changes).change.resources;

describe("what happens to resources", () => {
  it("shows what takes away first, whatever Terraform's order", () => {
    const resources = resourcesOf([
      resource("aws_a.move", { actions: ["no-op"], before: {}, after: {} }, { previous_address: "aws_a.old" }),
      resource("aws_a.import", { actions: ["no-op"], importing: { id: "i-1" }, before: {}, after: {} }),
      resource("aws_a.create", { actions: ["create"], before: null, after: { size: 1 } }),
      resource("aws_a.update", { actions: ["update"], before: { size: 1 }, after: { size: 2 } }),
      resource("aws_a.replace", { actions: ["delete", "create"], before: { size: 1 }, after: { size: 2 } }),
      resource("aws_a.forget", { actions: ["forget"], before: { size: 1 }, after: null }),
      resource("aws_a.destroy", { actions: ["delete"], before: { size: 1 }, after: null }),
      resource("data.aws_a.read", { actions: ["read"], before: null, after: {} }, { mode: "data" }),
    ]);

    expect(resources.map(({ action }) => action)).toEqual([
      "destroy",
      "forget",
      "replace",
      "update",
      "create",
      "import",
      "move",
      "read",
    ]);
  });

  it("takes both orders of a replacement for one, and says which comes first", () => {
    const made = page([
      resource("aws_a.one", { actions: ["delete", "create"], before: {}, after: {} }),
      resource("aws_a.two", { actions: ["create", "delete"], before: {}, after: {} }),
    ]);

    expect(made.change.resources.map(({ action, createsFirst }) => [action, createsFirst])).toEqual([
      ["replace", undefined],
      ["replace", true],
    ]);
    expect(summaryOf(made).counts).toMatchObject({ add: 2, destroy: 2, replace: 2 });
  });

  it("names what is forgotten among the destroys, though Terraform counts it nowhere", () => {
    const made = page([resource("aws_a.forget", { actions: ["forget"], before: { id: "i-1" }, after: null })]);

    expect(summaryOf(made)).toMatchObject({
      counts: { add: 0, change: 0, destroy: 0, replace: 0, forget: 1, import: 0 },
      destroys: { count: 1, first: ["aws_a.forget"] },
    });
  });

  it("says where a moved or imported resource comes from, also when it changes", () => {
    const made = page([
      resource(
        "aws_a.here",
        { actions: ["update"], importing: { id: "i-1" }, before: { size: 1 }, after: { size: 2 } },
        { previous_address: "aws_a.there" },
      ),
    ]);

    expect(made.change.resources[0]).toMatchObject({ action: "update", movedFrom: "aws_a.there", importedId: "i-1" });
    expect(summaryOf(made).counts).toMatchObject({ change: 1, import: 1, move: 1 });
  });

  it("says in words why something goes", () => {
    const [gone] = resourcesOf([
      resource(
        "aws_a.x",
        { actions: ["delete"], before: {}, after: null },
        { action_reason: "delete_because_each_key" },
      ),
    ]);

    expect(gone?.reason).toBe("its key is no longer in for_each");
  });

  it("tells an object that an earlier replacement left from the one in use", () => {
    const [left] = resourcesOf([
      resource("aws_a.x", { actions: ["delete"], before: {}, after: null }, { deposed: "ab12" }),
    ]);

    expect(left).toMatchObject({ action: "destroy", deposed: "ab12" });
  });
});

describe("attributes", () => {
  const shownOf = (change: Parameters<typeof resource>[1]) => resourcesOf([resource("aws_a.x", change)])[0];

  it("shows of what stays only what changes, leaf by leaf", () => {
    const shown = shownOf({
      actions: ["update"],
      before: { size: "small", tags: { owner: "ada", "a.b": "1" }, rules: [{ port: 22 }] },
      after: { size: "large", tags: { owner: "ada", "a.b": "2" }, rules: [{ port: 22 }, { port: 443 }] },
    });

    expect(shown?.attributes).toEqual([
      { path: "rules[1].port", after: { number: "443" } },
      { path: "size", before: { value: "small" }, after: { value: "large" } },
      { path: 'tags["a.b"]', before: { value: "1" }, after: { value: "2" } },
    ]);
  });

  it("takes null, absent and empty for three things", () => {
    const shown = shownOf({ actions: ["update"], before: { a: null, b: "x", c: [] }, after: { b: "", c: {} } });

    expect(shown?.attributes).toEqual([
      { path: "a", before: { value: null } },
      { path: "b", before: { value: "x" }, after: { value: "" } },
      { path: "c", before: { value: [] }, after: { value: {} } },
    ]);
  });

  it("names what only the apply will know; what was there stands beside the change", () => {
    const made = page([
      resource("aws_a.x", {
        actions: ["update"],
        before: { id: "one", rules: [{ id: "r1", port: 1 }] },
        after: { rules: [{ port: 1 }] },
        after_unknown: { id: true, rules: [{ id: true }] },
      }),
    ]);

    expect(made.change.resources[0]?.attributes).toEqual([
      { path: "id", after: { hidden: "unknown" } },
      { path: "rules[0].id", after: { hidden: "unknown" } },
    ]);
    expect(made.seen.before).toEqual([
      { address: "aws_a.x", path: "id", before: '"one"' },
      { address: "aws_a.x", path: "rules[0].id", before: '"r1"' },
    ]);
  });

  it("writes a replacement in full, with what forces it and what goes", () => {
    const shown = shownOf({
      actions: ["delete", "create"],
      before: { ami: "ami-1", id: "i-1", size: "small", image: "one" },
      after: { ami: "ami-2", size: "small" },
      after_unknown: { id: true, image: true },
      replace_paths: [["ami"], ["image"]],
    });

    expect(shown).toMatchObject({
      attributes: [
        { path: "ami", before: { value: "ami-1" }, after: { value: "ami-2" }, forcesReplacement: true },
        { path: "id", after: { hidden: "unknown" } },
        { path: "image", after: { hidden: "unknown" }, forcesReplacement: true },
        { path: "size", before: { value: "small" }, after: { value: "small" } },
      ],
      gone: [{ path: "ami" }, { path: "id" }, { path: "image" }, { path: "size" }],
    });
  });

  it("hides as a whole what is marked as a whole: not even its names and its length are told", () => {
    const shown = shownOf({
      actions: ["update"],
      before: { login: { user: "ada-long", token: "one-token" } },
      after: { login: { user: "ada-long", token: "two-token", more: "x" } },
      before_sensitive: { login: true },
      after_sensitive: { login: true },
    });

    expect(shown?.attributes).toEqual([{ path: "login", before: { hidden: "marked" }, after: { hidden: "marked" } }]);
  });

  it("hides a value wherever it stands, and the name of a key that holds it", () => {
    const shown = shownOf({
      actions: ["create"],
      before: null,
      after: { password: "correct-horse", copy: "x correct-horse x", "of-correct-horse": { a: "1" } },
      after_sensitive: { password: true },
    });

    expect(shown?.attributes).toEqual([
      { path: "copy", after: { hidden: "equal" } },
      { path: "(sensitive)", after: { value: "1" } },
      { path: "password", after: { hidden: "marked" } },
    ]);
  });

  it("shows what a provider marks only because of its kind: an approver must see role, network and groups", () => {
    const made = page(
      [
        resource("aws_instance.x", {
          actions: ["create"],
          before: null,
          after: { subnet_id: "subnet-1", iam_instance_profile: "host" },
          after_sensitive: { subnet_id: true },
        }),
      ],
      {
        prior_state: {
          values: {
            root_module: {
              resources: [
                {
                  address: "data.aws_ssm_parameter.subnets",
                  mode: "data",
                  type: "aws_ssm_parameter",
                  provider_name: "registry.terraform.io/hashicorp/aws",
                  values: { type: "StringList", value: "subnet-1,subnet-2" },
                  sensitive_values: { value: true },
                },
              ],
            },
          },
        },
      },
    );

    expect(made.change.resources[0]?.attributes).toEqual([
      { path: "iam_instance_profile", after: { value: "host" } },
      { path: "subnet_id", after: { value: "subnet-1" } },
    ]);
  });
});

describe("outputs and emptiness", () => {
  it("is not empty when only an output changes", () => {
    const made = page([], { output_changes: { note: { actions: ["update"], before: "a", after: "b" } } });

    expect(summaryOf(made)).toMatchObject({ empty: false, counts: { output: 1, change: 0 } });
    expect(made.change.outputs).toEqual([
      { name: "note", action: "update", attributes: [{ path: "", before: { value: "a" }, after: { value: "b" } }] },
    ]);
  });

  it("is not empty when something only moves", () => {
    const moves = page([
      resource("aws_a.new", { actions: ["no-op"], before: {}, after: {} }, { previous_address: "aws_a.old" }),
    ]);

    expect(summaryOf(moves)).toMatchObject({ empty: false, counts: { move: 1, change: 0 } });
  });

  it.each([true, false])(
    "is empty when nothing is listed, whether Terraform calls it applyable or not: %s",
    (applyable) => {
      const made = page([resource("aws_a.x", { actions: ["no-op"], before: { a: 1 }, after: { a: 1 } })], {
        applyable,
        output_changes: { note: { actions: ["no-op"], before: "a", after: "a" } },
      });

      expect(summaryOf(made).empty).toBe(true);
    },
  );

  it("shows an unknown output as known after apply", () => {
    const made = page([], { output_changes: { id: { actions: ["create"], before: null, after_unknown: true } } });

    expect(made.change.outputs[0]?.attributes).toEqual([{ path: "", after: { hidden: "unknown" } }]);
  });
});

describe("what was true when the plan was made", () => {
  const drift = (before: object, after: object | null, actions = ["update"]) =>
    page([], { resource_drift: [{ address: "aws_a.x", change: { actions, before, after } }] }).seen.drift;

  it("leaves out drift that is only written down differently", () => {
    expect(drift({ a: null, b: "", c: [], d: {} }, { a: {}, b: null, c: "", d: [] })).toEqual([]);
  });

  it("shows what somebody changed, and only that", () => {
    expect(drift({ size: "small", tags: null }, { size: "large", tags: {} })).toEqual([
      {
        address: "aws_a.x",
        action: "update",
        attributes: [{ path: "size", before: { value: "small" }, after: { value: "large" } }],
      },
    ]);
  });

  it("shows what somebody deleted", () => {
    expect(drift({ size: "small" }, null, ["delete"])).toEqual([
      { address: "aws_a.x", action: "destroy", attributes: [] },
    ]);
  });

  it("shows warnings and checks that do not hold, each once, and refuses nothing because of them", () => {
    const made = pageOf(
      planText({
        checks: [
          {
            address: { to_display: "check.size" },
            status: "fail",
            instances: [{ problems: [{ message: "huge is too much." }] }],
          },
          { address: { to_display: "check.good" }, status: "pass" },
        ],
      }),
      { warnings: ["Argument is deprecated", "Argument is deprecated"] },
    );

    expect(made.seen).toMatchObject({
      checks: ["The check check.size fails: huge is too much."],
      warnings: ["Argument is deprecated"],
    });
  });

  it.each([
    ["drift", { resource_drift: [{ address: 1 }] }],
    ["checks", { checks: "all well" }],
    ["state", { prior_state: [] }],
  ])("cannot keep a plan from being shown by %s that cannot be read", (_, parts) => {
    expect(summaryOf(pageOf(planText(parts))).empty).toBe(true);
  });
});

describe("the page's bytes", () => {
  it("are the same for the same plan, in whatever order Terraform lists it", () => {
    const one = resource("aws_a.one", { actions: ["create"], before: null, after: { a: 1, b: 2 } });
    const two = resource("aws_a.two", { actions: ["create"], before: null, after: { b: 2, a: 1 } });

    expect(pageBytes(page([one, two])).sha256).toBe(pageBytes(page([two, one])).sha256);
  });

  it("depend on the orphans that are shown above it", () => {
    const orphans = ["arn:aws:ec2:::instance/i-1"];

    expect(pageBytes(pageOf(planText(), { orphans })).sha256).not.toBe(pageBytes(pageOf(planText())).sha256);
  });

  it("read back as a page", () => {
    const made = page([
      resource("aws_a.one", { actions: ["create"], before: null, after: { a: 1, b: [], c: {}, d: null, e: true } }),
    ]);

    expect(PlanPage.parse(JSON.parse(pageBytes(made).bytes))).toEqual(made);
  });
});

describe("the summary in the event", () => {
  it("keeps both ends of a long address within 120 bytes", () => {
    const address = `aws_a.x["${"ü".repeat(100)}end"]`;
    const gone = { actions: ["delete"], before: {}, after: null };
    const { destroys } = summaryOf(page([resource(address, gone)]));

    expect(Buffer.byteLength(destroys.first[0] ?? "")).toBeLessThanOrEqual(120);
    expect(destroys.first[0]).toMatch(/^aws_a\.x.*….*end"\]$/);
    const other = summaryOf(page([resource(`aws_a.x["${"ü".repeat(50)}x${"ü".repeat(49)}end"]`, gone)])).destroys;
    expect(other.first).not.toEqual(destroys.first);
  });

  it("lists five and counts all", () => {
    const many = Array.from({ length: 24 }, (_, n) =>
      resource(`aws_a.x${n}`, { actions: ["delete"], before: {}, after: null }),
    );

    expect(summaryOf(page(many)).destroys).toMatchObject({ count: 24, first: { length: 5 } });
  });
});
