import { describe, expect, it } from "vitest";
import { PlanPage } from "../../src/plan-page/page.ts";
import { pageBytes, planPage, summaryOf } from "../../src/plan-page/plan-page.ts";
import { planJson, resource } from "../plan-json.ts";

const page = (changes: object[], more: object = {}) => planPage(planJson({ resource_changes: changes, ...more }), []);

describe("what happens to resources", () => {
  it("shows what takes away first, whatever Terraform's order", () => {
    const { resources } = page([
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
    const { resources, counts } = page([
      resource("aws_a.one", { actions: ["delete", "create"], before: {}, after: {} }),
      resource("aws_a.two", { actions: ["create", "delete"], before: {}, after: {} }),
    ]);

    expect(resources.map(({ action, createsFirst }) => [action, createsFirst])).toEqual([
      ["replace", undefined],
      ["replace", true],
    ]);
    expect(counts).toMatchObject({ add: 2, destroy: 2, replace: 2 });
  });

  it("names what is forgotten among the destroys, though Terraform counts it nowhere", () => {
    const made = page([resource("aws_a.forget", { actions: ["forget"], before: { id: "i-1" }, after: null })]);

    expect(made.counts).toEqual({ add: 0, change: 0, destroy: 0, replace: 0, forget: 1, import: 0 });
    expect(summaryOf(made).destroys).toEqual({ count: 1, first: ["aws_a.forget"] });
  });

  it("says where a moved or imported resource comes from, also when it changes", () => {
    const { resources, counts } = page([
      resource(
        "aws_a.here",
        { actions: ["update"], importing: { id: "i-1" }, before: { size: 1 }, after: { size: 2 } },
        { previous_address: "aws_a.there" },
      ),
    ]);

    expect(resources[0]).toMatchObject({ action: "update", movedFrom: "aws_a.there", importedId: "i-1" });
    expect(counts).toMatchObject({ change: 1, import: 1 });
  });

  it("leaves out what nothing happens to", () => {
    expect(page([resource("aws_a.same", { actions: ["no-op"], before: { a: 1 }, after: { a: 1 } })]).resources).toEqual(
      [],
    );
  });

  it("refuses an action that it does not know", () => {
    expect(() => page([resource("aws_a.x", { actions: ["explode"], before: {}, after: {} })])).toThrow(
      "aws_a.x that is not known here: explode",
    );
  });

  it("says in words why something goes", () => {
    const { resources } = page([
      resource(
        "aws_a.x",
        { actions: ["delete"], before: {}, after: null },
        { action_reason: "delete_because_each_key" },
      ),
    ]);

    expect(resources[0]?.reason).toBe("its key is no longer in for_each");
  });

  it("tells an object that an earlier replacement left from the one in use", () => {
    const { resources } = page([
      resource("aws_a.x", { actions: ["delete"], before: {}, after: null }, { deposed: "ab12" }),
    ]);

    expect(resources[0]).toMatchObject({ action: "destroy", deposed: "ab12" });
  });
});

describe("attributes", () => {
  const attributes = (change: Parameters<typeof resource>[1]) => page([resource("aws_a.x", change)]).resources[0];

  it("shows only what changes, leaf by leaf", () => {
    const shown = attributes({
      actions: ["update"],
      before: { size: "small", tags: { owner: "ada", "a.b": "1" }, rules: [{ port: 22 }] },
      after: { size: "large", tags: { owner: "ada", "a.b": "2" }, rules: [{ port: 22 }, { port: 443 }] },
    });

    expect(shown?.attributes).toEqual([
      { path: "rules[1].port", after: { value: 443 } },
      { path: "size", before: { value: "small" }, after: { value: "large" } },
      { path: 'tags["a.b"]', before: { value: "1" }, after: { value: "2" } },
    ]);
  });

  it("takes null and absent for one thing, but not an empty text", () => {
    const shown = attributes({ actions: ["update"], before: { a: null, b: "x" }, after: { b: "", c: null } });

    expect(shown?.attributes).toEqual([{ path: "b", before: { value: "x" }, after: { value: "" } }]);
  });

  it("says that an update's value is known after apply", () => {
    const shown = attributes({
      actions: ["update"],
      before: { id: "one", rules: [{ id: "r1", port: 1 }] },
      after: { rules: [{ port: 1 }] },
      after_unknown: { id: true, rules: [{ id: true }] },
    });

    expect(shown?.attributes).toEqual([
      { path: "id", before: { value: "one" }, after: { hidden: "unknown" } },
      { path: "rules[0].id", before: { value: "r1" }, after: { hidden: "unknown" } },
    ]);
  });

  it("folds a replacement's unknowns, but never the ones that force it", () => {
    const shown = attributes({
      actions: ["delete", "create"],
      before: { ami: "ami-1", id: "i-1", arn: "arn:1", size: "small", image: "one" },
      after: { ami: "ami-2", size: "small" },
      after_unknown: { id: true, arn: true, image: true },
      replace_paths: [["ami"], ["image"]],
    });

    expect(shown).toMatchObject({
      unknown: 2,
      attributes: [
        { path: "ami", before: { value: "ami-1" }, after: { value: "ami-2" }, forcesReplacement: true },
        { path: "image", before: { value: "one" }, after: { hidden: "unknown" }, forcesReplacement: true },
      ],
    });
  });

  it("shows all that a destroyed resource was", () => {
    const shown = attributes({
      actions: ["delete"],
      before: { id: "i-1", size: "small" },
      after: null,
      after_unknown: {},
      before_sensitive: {},
      after_sensitive: false,
    });

    expect(shown?.attributes.map(({ path }) => path)).toEqual(["id", "size"]);
  });
});

describe("outputs and emptiness", () => {
  it("is not empty when only an output changes", () => {
    const made = page([], { output_changes: { note: { actions: ["update"], before: "a", after: "b" } } });

    expect(made.empty).toBe(false);
    expect(made.outputs).toEqual([
      { name: "note", attributes: [{ path: "", before: { value: "a" }, after: { value: "b" } }] },
    ]);
  });

  it("is empty when Terraform says so and nothing is listed", () => {
    const made = page([resource("aws_a.x", { actions: ["no-op"], before: { a: 1 }, after: { a: 1 } })], {
      applyable: false,
      output_changes: { note: { actions: ["no-op"], before: "a", after: "a" } },
    });

    expect(made.empty).toBe(true);
  });

  it.each([
    ["applyable", []],
    [
      "not applyable, with a forgotten resource",
      [resource("aws_a.x", { actions: ["forget"], before: {}, after: null })],
    ],
  ])("is not empty when it is %s", (what, changes) => {
    expect(page(changes, { applyable: what === "applyable" }).empty).toBe(false);
  });

  it("shows an unknown output as known after apply", () => {
    const made = page([], { output_changes: { id: { actions: ["create"], before: null, after_unknown: true } } });

    expect(made.outputs[0]?.attributes).toEqual([{ path: "", after: { hidden: "unknown" } }]);
  });
});

describe("drift", () => {
  const drift = (before: object, after: object | null, actions = ["update"]) =>
    page([], { resource_drift: [resource("aws_a.x", { actions, before: before as never, after: after as never })] })
      .drift;

  it("leaves out what is only written down differently", () => {
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
});

describe("the page's bytes", () => {
  it("are the same for the same plan, in whatever order Terraform lists it", () => {
    const one = resource("aws_a.one", { actions: ["create"], before: null, after: { a: 1, b: 2 } });
    const two = resource("aws_a.two", { actions: ["create"], before: null, after: { b: 2, a: 1 } });

    expect(pageBytes(page([one, two])).sha256).toBe(pageBytes(page([two, one])).sha256);
  });

  it("depend on the orphans that are shown above it", () => {
    const plan = planJson();

    expect(pageBytes(planPage(plan, ["arn:aws:ec2:::instance/i-1"])).sha256).not.toBe(
      pageBytes(planPage(plan, [])).sha256,
    );
  });

  it("read back as a page", () => {
    const made = page([resource("aws_a.one", { actions: ["create"], before: null, after: { a: 1 } })]);

    expect(PlanPage.parse(JSON.parse(pageBytes(made).bytes))).toEqual(made);
  });
});

describe("the summary in the event", () => {
  it("keeps the end of a long address within 120 bytes", () => {
    const address = `aws_a.x["${"ü".repeat(100)}end"]`;
    const { destroys } = summaryOf(page([resource(address, { actions: ["delete"], before: {}, after: null })]));

    expect(Buffer.byteLength(destroys.first[0] ?? "")).toBeLessThanOrEqual(120);
    expect(destroys.first[0]).toMatch(/^….*end"\]$/);
  });

  it("lists five and counts all", () => {
    const many = Array.from({ length: 24 }, (_, n) =>
      resource(`aws_a.x${n}`, { actions: ["delete"], before: {}, after: null }),
    );

    expect(summaryOf(page(many)).destroys).toMatchObject({ count: 24, first: { length: 5 } });
  });
});
