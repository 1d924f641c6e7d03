import { sha256Of } from "@sluice/steps";
import { describe, expect, it } from "vitest";
import { changeDigest, entryDigests } from "../../src/change/change-digest.ts";
import { configurableBy } from "../../src/change/provider-schema.ts";
import { NotUnderstood, readPlan } from "../../src/terraform/plan-json.ts";
import { listOf, planText, resource } from "../plan-json.ts";

const KEY = Buffer.alloc(32, 1);
const BASIS = { code: sha256Of("code"), parameters: sha256Of("parameters") };
const digestOfText = (text: string) => changeDigest(entryDigests(listOf(text).list, KEY), BASIS);
const digest = (parts: object) => digestOfText(planText(parts));
const update = (before: object, after: object, more: object = {}) => ({
  resource_changes: [resource("aws_a.x", { actions: ["update"], before, after, ...more })],
});

describe("two plans of the same are one change", () => {
  const change = update({ size: "small", id: "i-1" }, { size: "large", id: "i-1" });

  it.each([
    ["the time", { timestamp: "2026-11-23T12:00:00Z" }],
    ["drift that another plan does not see", { resource_drift: [{ address: "aws_a.y", change: {} }] }],
    ["attributes in another order", { relevant_attributes: [{ resource: "b" }, { resource: "a" }] }],
    ["a check that flaps", { checks: [{ address: { to_display: "check.x" }, status: "fail" }] }],
    ["the state that it was made on", { prior_state: { values: { outputs: {} } } }],
    ["whether it can be applied", { applyable: false }],
    ["Terraform's version", { terraform_version: "1.11.5" }],
  ])("whatever %s says", (_, beside) => {
    expect(digest({ ...change, ...beside })).toBe(digest(change));
  });

  it("whatever else stays as it is, and whatever a check reads", () => {
    const rest = [
      resource("aws_a.same", { actions: ["no-op"], before: { a: 1 }, after: { a: 1 } }),
      resource(
        "data.aws_a.read",
        { actions: ["read"], before: null, after: { at: "now" } },
        { mode: "data", action_reason: "read_because_check_nested" },
      ),
    ];

    expect(digest({ resource_changes: [...change.resource_changes, ...rest] })).toBe(digest(change));
  });

  it("whatever the value was that only the apply will know, and whatever moves by itself in what goes", () => {
    const schema = JSON.stringify({
      provider_schemas: {
        "registry.terraform.io/hashicorp/aws": {
          resource_schemas: {
            aws_a: {
              block: {
                attributes: { latest_restorable_time: { computed: true }, skip_final_snapshot: { optional: true } },
              },
            },
          },
        },
      },
    });
    const goes = (before: object) => {
      const text = planText({ resource_changes: [resource("aws_a.x", { actions: ["delete"], before, after: null })] });
      return changeDigest(entryDigests(listOf(text, configurableBy(schema)).list, KEY), BASIS);
    };

    expect(digest(update({ ip: "10.0.0.1" }, {}, { after_unknown: { ip: true } }))).toBe(
      digest(update({ ip: "10.0.0.2" }, {}, { after_unknown: { ip: true } })),
    );
    expect(goes({ id: "1", latest_restorable_time: "12:00" })).toBe(goes({ id: "1", latest_restorable_time: "12:05" }));
    expect(goes({ id: "1", skip_final_snapshot: true })).not.toBe(goes({ id: "1", skip_final_snapshot: false }));
    expect(goes({ id: "1" })).not.toBe(goes({ id: "2" }));
  });
});

describe("two plans that differ are two changes", () => {
  const numbers = (spelled: string) => planText(update({ owner: 1 }, { owner: "$" })).replace('"$"', spelled);

  it.each([
    ["by a number that no double holds", numbers("9007199254740992"), numbers("9007199254740993")],
    ["by a number and its text", numbers("1"), numbers('"1"')],
    ["by a number and a map that looks like one", numbers("1"), numbers('{"number":"1"}')],
    ["by the order of a list", numbers('["a","b"]'), numbers('["b","a"]')],
    ["by null and nothing", numbers('{"a":null}'), numbers("{}")],
    ["by an empty list and an empty map", numbers("[]"), numbers("{}")],
    ["by a dot in a name", numbers('{"a.b":1}'), numbers('{"a":{"b":1}}')],
  ])("%s", (_, one, other) => {
    expect(digestOfText(one)).not.toBe(digestOfText(other));
  });

  it("but not by how a number is spelled", () => {
    expect(digestOfText(numbers("1.10"))).toBe(digestOfText(numbers("1.1")));
  });

  it("by a hidden value, and by whether it is marked", () => {
    const secret = (value: string, marks: object) => digest(update({}, { p: value }, { after_sensitive: marks }));

    expect(secret("one-secret", { p: true })).not.toBe(secret("two-secret", { p: true }));
    expect(secret("one-secret", { p: true })).not.toBe(secret("one-secret", {}));
    expect(digest(update({ p: "same" }, { p: "same" }, { after_sensitive: { p: true } }))).not.toBe(
      digest(update({ p: "same" }, { p: "same" })),
    );
  });

  it("by code and by parameters", () => {
    const entries = entryDigests(listOf(planText()).list, KEY);
    const other = sha256Of("other");

    expect(changeDigest(entries, { ...BASIS, code: other })).not.toBe(changeDigest(entries, BASIS));
    expect(changeDigest(entries, { ...BASIS, parameters: other })).not.toBe(changeDigest(entries, BASIS));
  });

  it("is no oracle: under another key all of it is another digest", () => {
    const { list } = listOf(planText(update({ pin: 1 }, { pin: 2 })));
    const macs = (key: Uint8Array) => entryDigests(list, key).map(({ hmac }) => hmac);

    expect(macs(KEY)).not.toEqual(macs(Buffer.alloc(32, 2)));
  });
});

describe("what cannot be shown whole is refused by name", () => {
  const x = (change: object, more: object = {}) => ({
    resource_changes: [resource("aws_a.x", change as { actions: string[] }, more)],
  });
  const provider = (references: string[]) => ({
    configuration: { provider_config: { aws: { name: "aws", expressions: { region: { references } } } } },
  });

  it.each([
    ["a part of a later Terraform", { action_invocations: [] }, "action_invocations"],
    ["another format", { format_version: "2.0" }, "format_version"],
    ["an error", { errored: true }, "Terraform ended the plan with an error"],
    ["a part left for later", { complete: false }, "left a part of the plan for later"],
    ["a deferred change", { deferred_changes: [{}] }, "deferred_changes.0"],
    ["generated configuration", x({ actions: ["create"], generated_config: "" }), "generated_config"],
    ["an import by identity", x({ actions: ["no-op"], importing: { identity: {} } }), "importing"],
    ["an action", x({ actions: ["create", "forget"], before: {}, after: {} }), "resource_changes.0.change.actions"],
    ["a reason", x({ actions: ["delete"], before: {} }, { action_reason: "delete_because_of_rain" }), "action_reason"],
    ["a part of a resource", x({ actions: ["create"], after: {} }, { identity: {} }), "identity"],
    ["a mode", x({ actions: ["create"], after: {} }, { mode: "ephemeral" }), "mode"],
    ["an output's action", { output_changes: { a: { actions: ["read"] } } }, "output a"],
    ["a creation that was there before", x({ actions: ["create"], before: {}, after: {} }), "aws_a.x: create with"],
    ["a removal that stays", x({ actions: ["delete"], before: {}, after: {} }), "aws_a.x: destroy with"],
    ["an update of nothing", x({ actions: ["update"], before: null, after: {} }), "aws_a.x: update with"],
    [
      "a resource named twice",
      {
        resource_changes: [
          ...x({ actions: ["no-op"] }).resource_changes,
          ...x({ actions: ["no-op"] }).resource_changes,
        ],
      },
      "says twice",
    ],
    ["a mark that is none", x({ actions: ["create"], after: { a: 1 }, after_sensitive: { a: "yes" } }), "no mark"],
    [
      "a value known and unknown",
      x({ actions: ["create"], after: { a: 1 }, after_unknown: { a: true } }),
      "known and unknown",
    ],
  ])("%s", (_, parts, says) => {
    expect(() => listOf(planText(parts))).toThrow(NotUnderstood);
    expect(() => listOf(planText(parts))).toThrow(says);
  });

  it("says nothing of a value", () => {
    const parts = x({ actions: ["create"], after: {}, "correct-horse": 1 });

    expect(() => readPlan(planText({ ...parts, format_version: "correct-horse" }))).toThrow(/^(?!.*correct-horse)/);
  });

  it("but a plan that holds all that is known is read", () => {
    expect(() =>
      listOf(planText({ ...provider(["var.target", "each.key"]), variables: {}, planned_values: {} })),
    ).not.toThrow();
  });
});
