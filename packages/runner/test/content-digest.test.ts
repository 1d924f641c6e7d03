import { expect, it } from "vitest";
import { contentDigest } from "../src/terraform/content-digest.ts";
import { planFault } from "../src/terraform/plan-faults.ts";
import { planJson, resource } from "./plan-json.ts";

it("is the same whenever a plan is shown and whatever the order of its keys", () => {
  const one = planJson({ timestamp: "2026-11-23T12:00:00Z", variables: { a: { value: 1 }, b: { value: 2 } } });
  const other = planJson({ variables: { b: { value: 2 }, a: { value: 1 } }, timestamp: "2026-11-23T13:00:00Z" });

  expect(contentDigest(one)).toBe(contentDigest(other));
});

const ID = { resource: "aws_instance.this", attribute: ["id"] };
const ADDRESS = { resource: "aws_instance.this", attribute: ["private_ip"] };

it("is the same in whatever order a plan names the attributes that it looked at, and another when one is missing", () => {
  const digest = contentDigest(planJson({ relevant_attributes: [ID, ADDRESS] }));

  expect(contentDigest(planJson({ relevant_attributes: [ADDRESS, ID] }))).toBe(digest);
  expect(contentDigest(planJson({ relevant_attributes: [ID] }))).not.toBe(digest);
});

it.each([
  ["a variable", { variables: { a: { value: 2 } } }],
  ["a field that we do not read", { something_new: true }],
  ["a resource's change", { resource_changes: [resource("a.b", { actions: ["create"], before: null, after: {} })] }],
])("is another when %s is", (_, parts) => {
  expect(contentDigest(planJson(parts))).not.toBe(contentDigest(planJson({ variables: { a: { value: 1 } } })));
});

it.each([
  ["errored", { errored: true }, "with an error"],
  ["not complete", { complete: false }, "left a part"],
  [
    "failing a check",
    {
      checks: [
        {
          address: { to_display: "check.reachable" },
          status: "fail",
          instances: [{ problems: [{ message: "nobody answers" }] }],
        },
      ],
    },
    "The check check.reachable fails: nobody answers",
  ],
])("finds the fault of a plan that is %s", (_, parts, words) => {
  expect(planFault(planJson(parts))).toContain(words);
});

it("finds none in a plan whose checks pass or wait for the apply", () => {
  const checks = ["pass", "unknown"].map((status) => ({ address: { to_display: "x" }, status }));

  expect(planFault(planJson({ checks }))).toBeUndefined();
});
