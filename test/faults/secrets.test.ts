import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toolEnvironment } from "../../packages/runner/src/tools/tool-environment.ts";
import { callerOf, type Kind } from "./builds-of.ts";
import { type Flow, newRequestId, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";

/** What is secret in a root's state appears in no event, log, message, table or argument; what a build's environment holds beyond the list reaches no tool. */
let flow: Flow;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-secrets-"));
  flow = await startFlow("secrets");
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await flow?.stop();
});

const PLANTED = "planted-9c41e0b7aa52";
const kinds: readonly Kind[] = ["plan", "apply", "configure", "check"];
const bucket = (name: string) => String(flow.cloud.outputs()[name]);
const s3 = () => new S3Client(flow.cloud.asRoot);

/** A root that has a secret, gives it away wherever it can, and writes down what environment it was run in. */
const root = (condition: string) => `
variable "planted" {
  type      = string
  sensitive = true
  default   = "${PLANTED}"
}
resource "terraform_data" "planted" {
  input = { plain = nonsensitive(var.planted), inside = "postgres://app:\${nonsensitive(var.planted)}@db" }
  provisioner "local-exec" {
    command = "env > ${join("FOLDER", "environment")}; echo ${PLANTED}"
  }
  lifecycle {
    ${condition}
  }
}
output "planted" {
  sensitive = true
  value     = var.planted
}
output "leaked" {
  value = nonsensitive(var.planted)
}
`;

/** Every build of the request runs this release: the deployed one with a file more in the probe's root. */
function plant(request: string, file: string): void {
  let made: Promise<object> | undefined;
  flow.cloud.front.faults.add({
    name: "a root with a secret",
    when: "before",
    matches: (call) =>
      call.path.includes("/inputs/") && kinds.some((kind) => callerOf(flow, request, kind, call) !== undefined),
    async do({ path }) {
      const at = { Bucket: bucket("jobsBucket"), Key: path.slice(path.indexOf("/inputs/") + 1) };
      const input = JSON.parse(String(await (await s3().send(new GetObjectCommand(at))).Body?.transformToString()));
      made ??= releaseWith(input.release, file);
      await s3().send(new PutObjectCommand({ ...at, Body: JSON.stringify({ ...input, release: await made }) }));
    },
  });
}

async function releaseWith({ key, versionId }: { key: string; versionId: string }, file: string): Promise<object> {
  const at = { Bucket: bucket("releasesBucket"), Key: key };
  const { Body } = await s3().send(new GetObjectCommand({ ...at, VersionId: versionId }));
  const here = mkdtempSync(join(folder, "release-"));
  const [archive, tree] = [join(here, "release.tar.gz"), join(here, "tree")];
  writeFileSync(archive, (await Body?.transformToByteArray()) ?? "");
  mkdirSync(tree);
  execFileSync("tar", ["-xzf", archive, "-C", tree]);
  writeFileSync(join(tree, "terraform/live/probe/planted.tf"), file.replaceAll("FOLDER", here));
  execFileSync("tar", ["-czf", archive, "-C", tree, "."]);
  const bytes = readFileSync(archive);
  const { VersionId = "" } = await s3().send(new PutObjectCommand({ ...at, Body: bytes }));
  const sha256 = Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
  return { key, versionId: VersionId, sha256 };
}

describe("a planted secret", () => {
  it("stays in the state when all goes well", async () => {
    const request = newRequestId();
    plant(request, root(""));
    await flow.propose({ request, name: "planted" });

    expect((await flow.ended(request)).type).toBe("request.completed.v1");
    expect(JSON.stringify(await flow.world.state("sandbox", "probe-planted"))).toContain(PLANTED);
    await isNowhere();
    await holdInvariants(flow, request, "sandbox");
  });

  it("is taken out of Terraform's words when they name it", async () => {
    const request = newRequestId();
    const postcondition = `postcondition {
      condition     = length(self.output.plain) > 100
      error_message = "The password \${nonsensitive(var.planted)} is too short."
    }`;
    plant(request, root(postcondition));
    await flow.propose({ request, name: "named" });

    expect((await flow.ended(request)).type).toBe("request.paused.v1");
    const { sentence } = (await flow.heard(request, "apply.failed.v1")).detail.data;
    expect(sentence).toMatch(/The password \(sensitive value\) is too short/);
    await isNowhere();
  });
});

it("what is not on the list reaches no tool", () => {
  const [written = ""] = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith("environment"),
  );
  const names = readFileSync(join(folder, written), "utf8")
    .split("\n")
    .flatMap((line) => line.match(/^([A-Za-z_]\w*)=/)?.[1] ?? []);
  const everything = new Proxy({}, { get: () => "x" });
  const shells = ["PWD", "OLDPWD", "SHLVL", "_"];
  const own = names.filter((name) => !name.startsWith("TF_") && !name.startsWith("AWS_") && !shells.includes(name));

  expect(Object.keys(toolEnvironment(everything))).toEqual(expect.arrayContaining(own));
  expect(
    names.filter((name) => /^(TF_CLI_ARGS|TF_LOG|ANSIBLE_|NODE_OPTIONS|LD_|JOB_ID|CODEBUILD_)/.test(name)),
  ).toEqual([]);
});

async function isNowhere(): Promise<void> {
  await flow.heardAll(["intake", "provisioner", "approvals", "notifier", "compliance"]);
  const logs = readdirSync(flow.cloud.directory, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(log|jsonl)$/.test(path))
    .map((path) => [path, readFileSync(join(flow.cloud.directory, path), "utf8")] as const);
  const { slack, codebuild } = flow.cloud;
  const places = [
    ...logs,
    ["events", JSON.stringify(flow.events.all)],
    ["Slack", JSON.stringify(slack.history())],
    ["what builds are given", JSON.stringify(codebuild.builds().map(({ variables }) => variables))],
    ["tables", await tables()],
    ["results", await results()],
  ] as const;
  expect(logs.length).toBeGreaterThan(2);
  for (const [place, text] of places) expect(text.includes(PLANTED), `the secret is in ${place}`).toBe(false);
}

async function tables(): Promise<string> {
  const client = new DynamoDBClient(flow.cloud.asRoot);
  const { tables: own, buildsTables } = flow.cloud.outputs() as Record<string, Record<string, string>>;
  const all = [...Object.values(own ?? {}), ...Object.values(buildsTables ?? {})].map((TableName) =>
    client.send(new ScanCommand({ TableName })),
  );
  return JSON.stringify((await Promise.all(all)).map(({ Items }) => Items));
}

/** Every object that a build left for functions and people: pages, outputs, evidence, results. */
async function results(): Promise<string> {
  const Bucket = bucket("jobsBucket");
  const { Contents = [] } = await s3().send(new ListObjectsV2Command({ Bucket, Prefix: "results/" }));
  expect(Contents.length).toBeGreaterThan(0);
  const texts = Contents.map(async ({ Key }) =>
    (await s3().send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString(),
  );
  return (await Promise.all(texts)).join("\n");
}
