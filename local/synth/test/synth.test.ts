import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Synth, type SynthResource, synthesize } from "../synth.ts";
import { appThatRuns, FIXTURE, linkPlatform } from "./fixture-app.ts";

let directory: string;
let synth: Synth;

beforeAll(async () => {
  await linkPlatform(FIXTURE);
  directory = await mkdtemp(join(tmpdir(), "sluice-synth-"));
  synth = await synthesize({ root: FIXTURE, stage: "ci", out: join(directory, "synth.json") });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test("the same stacks give the same bytes", async () => {
  const first = await readFile(join(directory, "synth.json"), "utf8");

  await synthesize({ root: FIXTURE, stage: "ci", out: join(directory, "synth.json") });

  expect(await readFile(join(directory, "synth.json"), "utf8")).toBe(first);
});

test("a Lambda function leads to the bundle that it runs", async () => {
  const build = synth.functions[String(named("SweepFunction").build)];
  const bundle = join(FIXTURE, build?.directory ?? "", build?.bundle ?? "");

  const { handler } = await import(pathToFileURL(bundle).href);

  expect(await handler()).toEqual({ greeting: "hello" });
  expect(build?.source).toBe("src/consumer.handler");
});

test("a bundle is readable and leads to its source", async () => {
  const { directory: built = "", bundle = "" } = synth.functions.Sweep ?? {};
  const code = await readFile(join(FIXTURE, built, bundle), "utf8");

  expect(code).toContain('var greeting = "hello"');
  expect(code).toContain("//# sourceMappingURL=bundle.mjs.map");
});

test("changed code has another key in the bucket for code, and a running cloud keeps its file's name", async () => {
  const { app, remove } = await appThatRuns('new sst.aws.Function("Only", { handler: "only.handler" });');
  const builds = [];
  for (const answer of ["1", "2"]) {
    await writeFile(join(app, "only.ts"), `export const handler = async () => ${answer};`);
    const { functions, resources } = await synthesize({ root: app, stage: "ci", out: join(app, "synth.json") });
    const { inputs } = resources.find(({ name }) => name === "OnlyFunction") ?? {};
    builds.push({ directory: functions.Only?.directory, key: inputs?.s3Key });
  }
  await remove();

  expect(builds[0]?.directory).toBe(builds[1]?.directory);
  expect(builds[0]?.key).not.toBe(builds[1]?.key);
});

test("what a split function imports later is not in what it reads at its start, and is found then", async () => {
  const { app, remove } = await appThatRuns(
    'new sst.aws.Function("Split", { handler: "split.handler", nodejs: { splitting: true } });',
  );
  await writeFile(join(app, "split.ts"), 'export const handler = async () => (await import("./later.ts")).answer;');
  await writeFile(join(app, "later.ts"), 'export const answer = "found later";');
  const { functions } = await synthesize({ root: app, stage: "ci", out: join(app, "synth.json") });
  const bundle = join(app, functions.Split?.directory ?? "", functions.Split?.bundle ?? "");

  const { handler } = await import(pathToFileURL(bundle).href);

  expect(await readFile(bundle, "utf8")).not.toContain("found later");
  expect(await handler()).toBe("found later");
  await remove();
});

test("a role holds exactly the permissions that the stack names", () => {
  const [inline] = named("ConsumerSubscriberOvzrcuFunctionRole").inputs.inlinePolicies as { policy: string }[];

  const { Statement } = JSON.parse(inline?.policy ?? "");

  expect(Statement).toContainEqual({
    Effect: "Allow",
    Action: "events:PutEvents",
    Resource: named("BusBus").computed.arn,
    Condition: { StringEquals: { "events:source": "fixture.consumer" } },
  });
});

test("an Output inside another resource's policy is the attribute that AWS would give", () => {
  const policy = JSON.parse(String(named("ConsumerPolicy").inputs.policy));

  expect(policy.Statement[0].Resource).toBe(named("ConsumerQueue").computed.arn);
  expect(policy.Statement[0].Condition.ArnEquals["aws:SourceArn"]).toBe(
    `arn:aws:events:eu-west-1:000000000000:rule/${named("BusBus").inputs.name}/fixture-rule`,
  );
});

test("what is retained says so, by option or by the app's removal", () => {
  expect(named("Archive").retainOnDelete).toBe(true);
  expect(named("TableTable").retainOnDelete).toBe(true);
  expect(named("Signing").retainOnDelete).toBe(false);
});

test("files are named relative to the root and texts are kept", () => {
  expect(named("Archive").inputs.source).toEqual({ $asset: "stacks/app.ts" });
  expect(named("Greeting").inputs.content).toBe("hello\n");
});

describe("refuses", () => {
  test("a resource type that nobody has described", async () => {
    await expect(synthOf('new aws.efs.FileSystem("Disk");')).rejects.toThrow(
      "does not know aws:efs/fileSystem:FileSystem (Disk)",
    );
  });

  test("a question to AWS that has no answer offline", async () => {
    await expect(synthOf("await aws.ec2.getVpc({ default: true });")).rejects.toThrow(
      "cannot answer aws:ec2/getVpc:getVpc",
    );
  });

  test("a handler without a file", async () => {
    await expect(synthOf('new sst.aws.Function("Lost", { handler: "src/lost.handler" });')).rejects.toThrow(
      "There is no file for handler src/lost.handler",
    );
  });

  test("a stack that throws, with its reason", async () => {
    await expect(synthOf('throw new Error("staging has no account");')).rejects.toThrow("staging has no account");
  });
});

function named(name: string): SynthResource {
  const found = synth.resources.filter((resource) => resource.custom && resource.name === name);
  expect(found).toHaveLength(1);
  return found[0] as SynthResource;
}

async function synthOf(body: string): Promise<Synth> {
  const { app, remove } = await appThatRuns(body);
  try {
    return await synthesize({ root: app, stage: "ci", out: join(app, "synth.json") });
  } finally {
    await remove();
  }
}
