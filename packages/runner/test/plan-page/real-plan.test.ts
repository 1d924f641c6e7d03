import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { pageBytes, planPage } from "../../src/plan-page/plan-page.ts";
import { planFault } from "../../src/terraform/plan-faults.ts";
import { PlanJson } from "../../src/terraform/plan-json.ts";

/** Shown by Terraform 1.11.4 of `fixtures/every-action`, whose own text ends "1 to import, 3 to add, 1 to change, 3 to destroy". */
async function plan(name: string): Promise<PlanJson> {
  return PlanJson.parse(JSON.parse(await readFile(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8")));
}

it("shows everything that Terraform does, what takes away first, and counts as it does", async () => {
  const page = planPage(await plan("every-action"), []);

  expect(page.counts).toEqual({ add: 3, change: 1, destroy: 3, replace: 2, forget: 1, import: 1 });
  expect(page.resources.map(({ action, address }) => `${action} ${address}`)).toEqual([
    'destroy terraform_data.each["b"]',
    "forget terraform_data.forgotten",
    "replace terraform_data.created_first",
    "replace terraform_data.replaced",
    "update terraform_data.updated",
    "create terraform_data.new",
    "import terraform_data.imported",
    "move terraform_data.new_name",
  ]);
  expect(page.outputs.map(({ name }) => name)).toEqual(["size"]);
  expect(page.empty).toBe(false);
});

it("shows a replacement by what forces it, with its unknowns folded", async () => {
  const { resources } = planPage(await plan("every-action"), []);

  expect(resources.find(({ address }) => address === "terraform_data.replaced")).toEqual({
    address: "terraform_data.replaced",
    action: "replace",
    reason: "this change cannot be made in place",
    attributes: [
      { path: "input", before: { value: "small" }, after: { value: "large" } },
      { path: "triggers_replace[0]", before: { value: "small" }, after: { value: "large" }, forcesReplacement: true },
    ],
    unknown: 2,
  });
});

it("shows an update leaf by leaf, and what it makes unknown as a whole", async () => {
  const { resources } = planPage(await plan("every-action"), []);

  expect(resources.find(({ action }) => action === "update")?.attributes).toEqual([
    { path: "input.list[2]", before: { value: 1 }, after: { value: 2 } },
    { path: "input.size", before: { value: "small" }, after: { value: "large" } },
    {
      path: "output",
      before: { value: { "a.b": "x", list: [1, 2, 1], size: "small" } },
      after: { hidden: "unknown" },
    },
  ]);
});

it("holds no sensitive value, wherever the plan does", async () => {
  const made = await plan("every-action");

  expect(JSON.stringify(made)).toContain("correct-horse-battery");
  expect(pageBytes(planPage(made, [])).bytes).not.toContain("correct-horse-battery");
});

it("finds a failed check, of which Terraform itself only warns", async () => {
  expect(planFault(await plan("failing-check"))).toBe("The check check.size fails: huge is too much.");
});
