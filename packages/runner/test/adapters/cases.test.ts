import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PlanOutput } from "@sluice/events";
import { results } from "@sluice/jobs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PlanPage } from "../../src/index.ts";
import { startAccount, type TestAccount } from "./account.ts";
import { messages, read, walk } from "./walk.ts";

/**
 * Small roots that tools like this one have told wrongly, planned and applied by real builds with a real Terraform. Every root here has `terraform_data` alone:
 * its provider gives values back without their marks, as real ones do.
 */
let account: TestAccount;
let whole: ReturnType<typeof wholeStory>;
let moved: ReturnType<typeof movedStory>;
let failed: ReturnType<typeof failedStory>;
let huge: ReturnType<typeof hugeStory>;
let acting: ReturnType<typeof actingStory>;

beforeAll(async () => {
  account = await startAccount();
  whole = wholeStory();
  moved = movedStory();
  failed = failedStory();
  huge = hugeStory();
  acting = actingStory();
  for (const story of [whole, moved, failed, huge, acting]) story.catch(() => undefined); // Told where it is awaited.
});
afterAll(() => account?.stop());

const HEAD = `
terraform {
  backend "s3" {}
}
variable "target" {
  type      = any
  ephemeral = true
}
variable "environment" {}
variable "workspace" {}
`;

async function writeRoot(name: string, main: string): Promise<void> {
  const folder = join(account.release, "terraform/live", name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "main.tf"), HEAD + main);
}

/** A request of a root of this name. */
function walkOf(name: string, variables: Record<string, string> = {}) {
  return walk(account, { request: `req_0000${name}`, workspace: `probe-${name}`, root: name, variables });
}

async function pageOf(output: PlanOutput): Promise<PlanPage> {
  return PlanPage.parse(JSON.parse(await read(account, "jobs", output.page.key)));
}

/** What a page says of one address: nothing where it is not in it. */
function rowsOf(page: PlanPage, address: string) {
  const found = page.change.resources.find((each) => each.address === address);
  return found && Object.fromEntries(found.attributes.map(({ path, ...shown }) => [path, shown]));
}

type Built = Awaited<ReturnType<Awaited<ReturnType<typeof walk>>["build"]>>;
/** Everything that left a build. */
const wordsOf = ({ out, err, result }: Built) => `${out}\n${err}\n${JSON.stringify(result)}`;

const SECRETS = ["48151623", "tok-AAAA-BBBB", "quoted-inside", "the-second-line"];
const PIN = "48151623";
const TOKEN = 'tok-AAAA-BBBB\n"quoted-inside"';
const KEY = 'first of it\nthe-second-line "quoted-inside"';
const hiddenForms = [
  JSON.stringify(KEY).slice(1, -1),
  Buffer.from(KEY).toString("base64"),
  encodeURIComponent(KEY).replaceAll("%20", "+"),
];

/** One state, three times: all is made; some of it changes; only names and outputs change. */
async function wholeStory() {
  const variables = {
    size: "small",
    owner_id: "9007199254740992",
    last: "echo ready",
    principal: "arn:aws:iam::111111111111:role/app",
    pin: PIN,
    token: TOKEN,
    key: KEY,
    secret: "an-ephemeral-secret",
  };
  await writeRoot("whole", wholeRoot());
  const request = await walkOf("whole", variables);
  const first = await request.plan(1);
  const firstApplied = await request.apply(1, first);

  const changed = {
    ...variables,
    size: "large",
    owner_id: "9007199254740993",
    last: "echo reboot",
    principal: "arn:aws:iam::111111111111:role/admin",
  };
  await writeRoot("whole", wholeRoot({ goes: true }));
  const next = await walk(account, {
    request: "req_0001whole",
    workspace: "probe-whole",
    root: "whole",
    variables: changed,
  });
  const second = await next.plan(1);
  const secondApplied = await next.apply(1, second);

  await writeRoot("whole", wholeRoot({ goes: true, name: "renamed", put: "two" }));
  const last = await walk(account, {
    request: "req_0002whole",
    workspace: "probe-whole",
    root: "whole",
    variables: changed,
  });
  const third = await last.plan(1);
  const thirdApplied = await last.apply(1, third);
  return {
    first: { output: first, page: await pageOf(first), applied: firstApplied },
    second: { output: second, page: await pageOf(second), applied: secondApplied },
    third: { output: third, page: await pageOf(third), applied: thirdApplied },
  };
}

function wholeRoot({ goes = false, name = "named", put = "one" } = {}): string {
  return `
variable "size" {}
variable "owner_id" { type = number }
variable "last" {}
variable "principal" {}
variable "pin" {
  type      = number
  sensitive = true
}
variable "token" {
  type      = string
  sensitive = true
}
variable "key" {
  type      = string
  sensitive = true
}
variable "secret" {
  type      = string
  ephemeral = true
  default   = null
}
locals {
  script = "\${join("\\n", [for n in range(60) : format("echo step %03d of the set-up", n)])}\\n\${var.last}\\n"
  policy = jsonencode({ Statement = [for n in range(12) : {
    Sid = "S\${n}", Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::bucket-\${n}/*"
    Principal = n == 11 ? var.principal : "arn:aws:iam::111111111111:role/app"
  }] })
}
resource "terraform_data" "peer" { input = { owner_id = var.owner_id, weight = 1.10 } }
resource "terraform_data" "script" { input = local.script }
resource "terraform_data" "policy" { triggers_replace = local.policy }
resource "terraform_data" "number" { input = { size = var.size, nested = [{ pin = var.pin }] } }
resource "terraform_data" "list" { input = { size = var.size, nested = { list = [[{ name = "ada", token = var.token }]] } } }
resource "terraform_data" "json" { input = { size = var.size, body = nonsensitive(jsonencode({ key = var.key })) } }
resource "terraform_data" "base64" { input = { size = var.size, body = nonsensitive(base64encode(var.key)) } }
resource "terraform_data" "url" { input = { size = var.size, body = nonsensitive(urlencode(var.key)) } }
resource "terraform_data" "plain" { input = { size = var.size, body = nonsensitive("pin=\${var.pin} key=\${var.key}") } }
resource "terraform_data" "${name}" { input = "x" }
${name === "named" ? "" : `moved {\n  from = terraform_data.named\n  to   = terraform_data.${name}\n}`}
${
  goes
    ? `removed {
  from = terraform_data.left
  lifecycle { destroy = false }
}
import {
  to = terraform_data.taken
  id = "taken-in"
}
resource "terraform_data" "taken" {}`
    : `resource "terraform_data" "left" { input = "x" }`
}
output "owner_id" { value = var.owner_id }
output "endpoint" { value = "http://${put}" }
output "weight" { value = ${put === "one" ? "1.10" : "1.2"} }
output "token_length" { value = nonsensitive(length(var.token)) }
output "body" { value = terraform_data.json.output.body }
output "number" { value = terraform_data.number.output.nested }
check "size" {
  assert {
    condition     = var.size == "huge"
    error_message = "\${var.size} is not huge."
  }
}
`;
}

describe("a number", () => {
  it("larger than any double is shown with every digit, and stays so in what was applied", async () => {
    const { page, applied } = (await whole).first;

    expect(rowsOf(page, "terraform_data.peer")).toMatchObject({
      "input.owner_id": { after: { number: "9007199254740992" } },
      "input.weight": { after: { number: "1.1" } },
    });
    expect(results.apply.parse(applied.result)).toMatchObject({
      output: { shown: { owner_id: "9007199254740992" } },
    });
  });

  it("that differs in its last digit alone is a change, of resource and output", async () => {
    const { page, applied } = (await whole).second;

    expect(rowsOf(page, "terraform_data.peer")).toEqual({
      "input.owner_id": { before: { number: "9007199254740992" }, after: { number: "9007199254740993" } },
      output: { after: { hidden: "unknown" } },
    });
    expect(page.change.outputs).toContainEqual({
      name: "owner_id",
      action: "update",
      attributes: [{ path: "", before: { number: "9007199254740992" }, after: { number: "9007199254740993" } }],
    });
    expect(applied.result).toMatchObject({ output: { shown: { owner_id: "9007199254740993" } } });
  });

  it("that no double can hold is planned, shown whole, applied, and then no change", async () => {
    const { page, applied, again } = await huge;

    expect(rowsOf(page, "terraform_data.huge")).toMatchObject({
      "input.digits": { after: { number: DIGITS } },
      "input.power": { after: { number: `1${"0".repeat(400)}` } },
      "input.long": { after: { number: expect.stringMatching(/^1{150}\d{250}$/) } },
    });
    expect(applied.result).toMatchObject({ outcome: "completed" });
    expect(again.summary.empty).toBe(true);
  });
});

/** As many as Terraform itself keeps: 512 bits. */
const DIGITS = "1234567890".repeat(15);

const LONG = "1".repeat(400);

async function hugeStory() {
  await writeRoot(
    "huge",
    `resource "terraform_data" "huge" { input = { digits = ${DIGITS}, power = 1e400, long = ${LONG} } }\n`,
  );
  const request = await walkOf("huge");
  const output = await request.plan(1);
  const applied = await request.apply(1, output);
  return { page: await pageOf(output), applied, again: await request.plan(2) };
}

it("a value that is long and differs late is shown as it is on both sides", async () => {
  const { page } = (await whole).second;
  const { input } = rowsOf(page, "terraform_data.script") ?? {};
  const { triggers_replace } = rowsOf(page, "terraform_data.policy") ?? {};

  for (const [row, was, is] of [
    [input, "echo ready\n", "echo reboot\n"],
    [
      triggers_replace,
      ':role/app","Resource":"arn:aws:s3:::bucket-11/*","Sid":"S11"}]}',
      ':role/admin","Resource":"arn:aws:s3:::bucket-11/*","Sid":"S11"}]}',
    ],
  ] as const)
    expect(row).toMatchObject({
      before: { value: expect.stringMatching(endsWith(was)) },
      after: { value: expect.stringMatching(endsWith(is)) },
    });
});

function endsWith(text: string): RegExp {
  return new RegExp(`${text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")}$`);
}

describe("a secret", () => {
  it("of any type, deep in any value, encoded or handed back without its mark, is on no page and in no output", async () => {
    const { first, second, third } = await whole;

    for (const { page, applied } of [first, second, third]) {
      const kept = await read(account, "jobs", applied.result.output.outputs.key);
      const told = JSON.stringify(page) + kept + wordsOf(applied);
      expect([...SECRETS, ...hiddenForms].filter((secret) => told.includes(secret))).toEqual([]);
    }
    expect(rowsOf(second.page, "terraform_data.number")).toMatchObject({
      "input.size": { before: { value: "small" }, after: { value: "large" } },
    });
  });

  it("of several lines in the error of an apply is in no word that leaves the build", async () => {
    const { page, applied, said } = await failed;

    expect(applied.result).toMatchObject({ outcome: "failed", code: "apply_stopped", clean: false });
    expect(applied.result.sentence).toContain("Error running command 'printf '%s' '(sensitive value)'");
    const told = JSON.stringify(page) + wordsOf(applied) + JSON.stringify(said);
    expect(PRIVATE_KEY.split("\n").filter((line) => told.includes(line))).toEqual([]);
    expect(told).not.toContain(JSON.stringify(PRIVATE_KEY).slice(1, -1));
  });
});

const PRIVATE_KEY = [
  "-----BEGIN OPENSSH PRIVATE KEY-----",
  "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB",
  "AAAAMwAAAAtzc2gtZWQyNTUxOQAAACB2cL0bqJ8Z1Yp0xV7n4H3m",
  "-----END OPENSSH PRIVATE KEY-----",
].join("\n");

async function failedStory() {
  await writeRoot(
    "failed",
    `
variable "key" {
  type      = string
  sensitive = true
}
resource "terraform_data" "key" { input = var.key }
resource "terraform_data" "upload" {
  input = terraform_data.key.output
  provisioner "local-exec" { command = "printf '%s' '\${self.input}' >/dev/null; exit 9" }
}
`,
  );
  const request = await walkOf("failed", { key: PRIVATE_KEY });
  const output = await request.plan(1);
  const applied = await request.apply(1, output);
  return { page: await pageOf(output), applied, said: await messages(account) };
}

it("an ephemeral variable that the request sets is set again for the apply", async () => {
  const { first } = await whole;

  expect(first.applied.err).toBe("");
  expect(first.applied.job?.report).toMatchObject({ outcome: "completed", clean: true });
});

it("warnings and checks that do not hold stand beside the change, and refuse neither plan nor apply", async () => {
  const { output, page, applied } = (await whole).first;

  expect(page.seen.checks).toEqual(["The check check.size fails: small is not huge."]);
  expect(page.seen.warnings).toContainEqual(expect.stringContaining("Value for undeclared variable"));
  expect(output.seen).toEqual({ warnings: page.seen.warnings.length, failingChecks: 1 });
  expect(applied.result).toMatchObject({ outcome: "completed" });
});

it("what is forgotten and what is taken in are named, counted and done", async () => {
  const { output, page, applied } = (await whole).second;

  expect(page.change.resources).toContainEqual(
    expect.objectContaining({ address: "terraform_data.left", action: "forget" }),
  );
  expect(page.change.resources).toContainEqual(
    expect.objectContaining({ address: "terraform_data.taken", action: "import", importedId: "taken-in" }),
  );
  expect(output.summary).toMatchObject({
    counts: { forget: 1, import: 1 },
    destroys: { first: ["terraform_data.left"] },
  });
  expect(applied.result).toMatchObject({ outcome: "completed" });
});

it("only outputs and a move are a change that is counted, and is applied", async () => {
  const { output, page, applied } = (await whole).third;

  expect(output.summary).toMatchObject({
    empty: false,
    counts: { add: 0, change: 0, destroy: 0, replace: 0, forget: 0, import: 0, move: 1, read: 0, output: 2 },
  });
  expect(page.change).toEqual({
    resources: [
      {
        address: "terraform_data.renamed",
        type: "terraform_data",
        action: "move",
        movedFrom: "terraform_data.named",
        attributes: [],
      },
    ],
    outputs: [
      {
        name: "endpoint",
        action: "update",
        attributes: [{ path: "", before: { value: "http://one" }, after: { value: "http://two" } }],
      },
      {
        name: "weight",
        action: "update",
        attributes: [{ path: "", before: { number: "1.1" }, after: { number: "1.2" } }],
      },
    ],
  });
  expect(applied.result).toMatchObject({ outcome: "completed" });
});

describe("a root that says something else at the apply's own plan", () => {
  it("is refused by name where a list has another order and a number another last digit", async () => {
    const { listed } = await moved;

    expect(listed.result).toMatchObject({ outcome: "failed", code: "plan_changed", repeatable: true, clean: true });
    expect(listed.result.sentence).toBe(
      "Something moved since the plan was approved: terraform_data.list: input[0] a → b; terraform_data.list: input[1] b → a; " +
        "terraform_data.number: input 9007199254740992 → 9007199254740993. Nothing was changed.",
    );
    expect(listed.job?.state.is).toBe("running"); // It never started.
  });

  it("is applied where only a set was written in another order, and 1.10 as 1.1", async () => {
    const { rewritten } = await moved;

    expect(rewritten.result).toMatchObject({ outcome: "completed", output: { resources: { added: 4 } } });
  });
});

async function movedStory() {
  const root = (list: string, set: string, number: string, weight: string) => `
resource "terraform_data" "list" { input = ${list} }
resource "terraform_data" "set" { input = toset(${set}) }
resource "terraform_data" "number" { input = ${number} }
resource "terraform_data" "weight" { input = ${weight} }
`;
  await writeRoot("moved", root('["a", "b"]', '["a", "b"]', "9007199254740992", "1.10"));
  const request = await walkOf("moved");
  const output = await request.plan(1);

  await writeRoot("moved", root('["b", "a"]', '["a", "b"]', "9007199254740993", "1.10"));
  const listed = await request.apply(1, output);

  const again = await request.plan(2);
  await writeRoot("moved", root('["b", "a"]', '["b", "a"]', "9007199254740993.0", "1.1"));
  return { listed, rewritten: await request.apply(2, again) };
}

describe("a provisioner", () => {
  it.each([
    ["a local", "local", "local.command"],
    ["a data source", "data", "data.terraform_remote_state.other"],
  ] as const)(
    "that takes what it runs from %s is refused by name, as a plan that is not understood",
    async (_, which, from) => {
      const { [which]: result } = await acting;

      expect(result).toMatchObject({ outcome: "failed", code: "plan_not_understood", clean: true });
      expect(result.sentence).toContain(`A provisioner of terraform_data.runs takes a value from ${from}`);
      expect(result.sentence).toMatch(/Take it from a variable\. Nothing was changed\.$/);
    },
  );
});

async function actingStory() {
  const runs = (command: string, before: string) => `
${before}
resource "terraform_data" "runs" {
  provisioner "local-exec" { command = ${command} }
}
`;
  await writeRoot("local", runs("local.command", 'locals { command = "true" }'));
  await writeRoot(
    "data",
    runs(
      "data.terraform_remote_state.other.outputs.command",
      'data "terraform_remote_state" "other" {\n  backend = "local"\n  config = { path = "other.tfstate" }\n}',
    ),
  );
  const outputs = { command: { value: "true", type: "string" } };
  const state = { version: 4, terraform_version: "1.11.4", serial: 1, lineage: "other", outputs, resources: [] };
  await writeFile(join(account.release, "terraform/live/data/other.tfstate"), JSON.stringify(state));
  const planned = async (name: string) => {
    const request = await walkOf(name);
    await request.claim("plan", "plan", 1);
    return (await request.build(request.planInput(1))).result;
  };
  return { local: await planned("local"), data: await planned("data") };
}
