import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { pageBytes } from "../../src/plan-page/plan-page.ts";
import { summaryOf } from "../../src/plan-page/summary.ts";
import { pageOf } from "../plan-json.ts";

/** Shown by Terraform 1.11.4 of `fixtures/every-action`, whose own text ends "1 to import, 3 to add, 1 to change, 3 to destroy". */
const textOf = (name: string) => readFile(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8");

it("shows everything that Terraform does, what takes away first, and counts as it does", async () => {
  const page = pageOf(await textOf("every-action"));

  expect(summaryOf(page)).toMatchObject({
    empty: false,
    counts: { add: 3, change: 1, destroy: 3, replace: 2, forget: 1, import: 1, move: 1, read: 0, output: 1 },
  });
  expect(page.change.resources.map(({ action, address }) => `${action} ${address}`)).toEqual([
    'destroy terraform_data.each["b"]',
    "forget terraform_data.forgotten",
    "replace terraform_data.created_first",
    "replace terraform_data.replaced",
    "update terraform_data.updated",
    "create terraform_data.new",
    "import terraform_data.imported",
    "move terraform_data.new_name",
  ]);
  expect(page.change.outputs.map(({ name }) => name)).toEqual(["size"]);
});

it("shows a replacement in full, by what forces it and what goes", async () => {
  const { resources } = pageOf(await textOf("every-action")).change;

  expect(resources.find(({ address }) => address === "terraform_data.replaced")).toMatchObject({
    action: "replace",
    reason: "this change cannot be made in place",
    attributes: [
      { path: "id", after: { hidden: "unknown" } },
      { path: "input", before: { value: "small" }, after: { value: "large" } },
      { path: "output", after: { hidden: "unknown" } },
      { path: "triggers_replace[0]", before: { value: "small" }, after: { value: "large" }, forcesReplacement: true },
    ],
  });
});

it("shows an update leaf by leaf, and names what it makes unknown; what was there stands beside", async () => {
  const { change, seen } = pageOf(await textOf("every-action"));

  expect(change.resources.find(({ action }) => action === "update")?.attributes).toEqual([
    { path: "input.list[2]", before: { number: "1" }, after: { number: "2" } },
    { path: "input.size", before: { value: "small" }, after: { value: "large" } },
    { path: "output", after: { hidden: "unknown" } },
  ]);
  expect(seen.before).toContainEqual({
    address: "terraform_data.updated",
    path: "output",
    before: '{"a.b":"x","list":[1,2,1],"size":"small"}',
  });
});

it("holds no sensitive value, wherever the plan does", async () => {
  const text = await textOf("every-action");

  expect(text).toContain("correct-horse-battery");
  expect(pageBytes(pageOf(text)).bytes).not.toContain("correct-horse-battery");
});

it("shows a failed check, of which Terraform itself only warns, and refuses nothing for it", async () => {
  expect(pageOf(await textOf("failing-check")).seen.checks).toEqual(["The check check.size fails: huge is too much."]);
});
