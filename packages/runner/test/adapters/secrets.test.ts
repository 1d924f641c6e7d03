import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { ROOT } from "../../../../local/front/test/start-emulators.ts";
import { ensureTools, type Tools } from "../../../../local/setup/tools.ts";
import { parseExact } from "../../src/json/exact-json.ts";
import { refuseUnlessOk, secretsOfFailed } from "../../src/kinds/open-root.ts";
import { noSecrets, secretsOf } from "../../src/masking/secrets.ts";
import { terraform } from "../../src/terraform/terraform.ts";
import { type Doing, diagnosticText } from "../../src/terraform/ui-message.ts";
import { toolRunner } from "../../src/tools/run-tool.ts";
import { toolEnvironment } from "../../src/tools/tool-environment.ts";
import { shownOf } from "../masking/shown-of.ts";

/** What a real Terraform shows and says of secrets. Its built-in provider gives values back without their marks, as real ones do. */
let tools: Tools;
beforeAll(async () => {
  tools = await ensureTools({ root: ROOT, want: ["terraform"] });
});

const KEY = [
  "-----BEGIN OPENSSH PRIVATE KEY-----",
  'b3BlbnNzaC1rZXk"quoted"AAAAB3NzaC',
  "<kept>&\\escaped\\é漢😀 and blanks",
  "-----END OPENSSH PRIVATE KEY-----",
].join("\n");
const remaining = (text: string) => [KEY, ...KEY.split("\n")].filter((part) => text.includes(part));

/** A root of one file, planned with these variables. */
async function planned(main: string, variables: object) {
  const path = await mkdtemp(join(tmpdir(), "sluice-masking-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  await writeFile(join(path, "main.tf"), main);
  await writeFile(join(path, "sluice.s3.tfbackend"), "");
  await writeFile(join(path, "sluice.tfvars.json"), JSON.stringify(variables));
  await writeFile(join(path, "sluice-target.tfvars.json"), "{}");
  const run = toolRunner(toolEnvironment({ PATH: tools.path, HOME: path, TMPDIR: path }));
  const tool = terraform(run, { path }, noSecrets);
  refuseUnlessOk(await tool.init(), "init", noSecrets);
  const ran = await tool.plan("a.tfplan");
  const shown = async () => {
    const lines: string[] = [];
    await run("terraform", ["show", "-json", "a.tfplan"], { cwd: path, onLine: (line) => lines.push(line) });
    return parseExact(lines.join("\n"));
  };
  return { tool, ran, shown };
}

it("a key of several lines is in no word of an apply that fails on it", async () => {
  const { tool, shown } = await planned(
    `variable "key" {
      type      = string
      sensitive = true
    }
    resource "terraform_data" "key" { input = var.key }
    resource "terraform_data" "upload" {
      for_each = { (nonsensitive(var.key)) = 1 }
      input    = "x"
      provisioner "local-exec" { command = "printf '%s' '\${terraform_data.key.output}' >/dev/null; exit 9" }
    }`,
    { key: KEY },
  );
  const secrets = secretsOf(await shown());
  const doings: Doing[] = [];

  const { ok, errors } = await tool.apply(
    "a.tfplan",
    { interrupt: new AbortController().signal, onDoing: (doing) => doings.push(doing) },
    secrets,
  );

  const said = errors.map((error) => diagnosticText(error, secrets)).join(" ");
  expect(ok).toBe(false);
  expect(said).toContain("Error running command 'printf '%s' '(sensitive value)'");
  expect(doings.map(({ doing }) => doing)).toContain('Creating terraform_data.upload["(sensitive value)"]');
  expect(remaining(said + JSON.stringify(doings))).toEqual([]);
});

it("a secret that only a failed plan knows is in no word of that plan", async () => {
  const { ran, shown } = await planned(
    `variable "key" {
      type      = string
      sensitive = true
      default   = ${JSON.stringify(KEY)}
    }
    resource "terraform_data" "key" {
      input = nonsensitive(var.key)
      lifecycle {
        postcondition {
          condition     = length(self.input) > 1000
          error_message = "The key \${jsonencode(nonsensitive(var.key))}, \${nonsensitive(var.key)}, is too short."
        }
      }
    }`,
    {},
  );

  const secrets = await secretsOfFailed(noSecrets, shown);

  const refused = () => refuseUnlessOk(ran, "plan", secrets);
  expect(refused).toThrow(
    'main.tf line 10: Resource postcondition failed. The key "(sensitive value)", (sensitive value), is too short. Nothing was changed.',
  );
});

it("secrets of every type, given back without a mark or encoded, are in nothing that is shown", async () => {
  const { shown } = await planned(
    `variable "pin" {
      type      = number
      sensitive = true
    }
    variable "key" {
      type      = string
      sensitive = true
    }
    variable "size" { default = "small" }
    locals { key = nonsensitive(var.key) }
    resource "terraform_data" "list" { input = { size = var.size, list = [[{ pin = var.pin }], [nonsensitive(var.pin)]] } }
    resource "terraform_data" "encoded" {
      input = [
        local.key, base64encode(local.key), base64encode("-\${local.key}"), urlencode(local.key), jsonencode({ key = local.key }),
        base64encode(jsonencode([local.key])), jsonencode(jsonencode([local.key])), "key=\${local.key}", indent(4, local.key),
        yamlencode({ key = local.key }), replace(local.key, "\\n", " "), split("\\n", local.key)[1], "\${nonsensitive(var.pin)}",
        base64encode("pin \${nonsensitive(var.pin)}"), jsonencode({ pin = nonsensitive(var.pin) })
      ]
    }`,
    { pin: 9_007_199_254_740_991, key: KEY },
  );
  const plan = await shown();

  expect(shownOf(plan, secretsOf(plan)).filter((value) => value !== "null")).toEqual(["small"]);
});
