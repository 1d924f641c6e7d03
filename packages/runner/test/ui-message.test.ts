import { expect, it } from "vitest";
import { noSecrets } from "../src/masking/secrets.ts";
import { appliedCounts, diagnosticText, doingOf, uiMessage } from "../src/terraform/ui-message.ts";

const message = (value: object) => uiMessage(JSON.stringify(value)) ?? { type: "none" };
const hook = (addr: string, more: object = {}) => ({ hook: { resource: { addr }, ...more } });

it.each([
  ["apply_start", hook("aws_instance.host", { action: "create" }), { doing: "Creating aws_instance.host" }],
  [
    "apply_progress",
    hook("aws_instance.host", { action: "create", elapsed_seconds: 20 }),
    { doing: "Creating aws_instance.host", seconds: 20 },
  ],
  ["apply_start", hook("aws_instance.host", { action: "delete" }), { doing: "Destroying aws_instance.host" }],
  ["apply_start", hook("aws_instance.host", { action: "update" }), { doing: "Changing aws_instance.host" }],
  ["refresh_start", hook("aws_instance.host"), { doing: "Reading aws_instance.host" }],
  ["provision_progress", hook("aws_instance.host", { output: "echo secret" }), undefined],
  ["apply_complete", hook("aws_instance.host"), undefined],
])("says of %s what is being done", (type, more, said) => {
  expect(doingOf(message({ type, ...more }), noSecrets)).toEqual(said);
});

it("cuts what is too long for a message", () => {
  const doing = doingOf(
    message({ type: "apply_start", ...hook("x".repeat(400), { action: "create" }) }),
    noSecrets,
  )?.doing;

  expect(doing).toHaveLength(160);
});

it("takes a line that is not a message for none", () => {
  expect(["plain text", "{ not json", '{"no":"type"}'].map(uiMessage)).toEqual([undefined, undefined, undefined]);
});

it("counts an apply, and not a plan's summary", () => {
  const changes = { add: 3, change: 1, remove: 2, operation: "apply" };

  expect(appliedCounts(message({ type: "change_summary", changes }))).toEqual({ added: 3, changed: 1, destroyed: 2 });
  expect(
    appliedCounts(message({ type: "change_summary", changes: { ...changes, operation: "plan" } })),
  ).toBeUndefined();
});

it("names file and line before Terraform's own words", () => {
  expect(
    diagnosticText(
      {
        severity: "error",
        summary: "Invalid index",
        detail: "The given key\ndoes not exist.",
        range: { filename: "main.tf", start: { line: 12 } },
      },
      noSecrets,
    ),
  ).toBe("main.tf line 12: Invalid index. The given key does not exist.");
});

it("names the resource where there is no file, and never a file of the runner's own", () => {
  const range = { filename: "sluice.tfvars.json", start: { line: 1 } };

  expect(diagnosticText({ severity: "error", summary: "Bad", address: "aws_x.y" }, noSecrets)).toBe("aws_x.y: Bad");
  expect(diagnosticText({ severity: "error", summary: "Invalid value", range }, noSecrets)).toBe("Invalid value");
});
