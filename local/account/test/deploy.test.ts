import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchGetProjectsCommand, CodeBuildClient } from "@aws-sdk/client-codebuild";
import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, ListRulesCommand, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand } from "@aws-sdk/client-iam";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { GetObjectCommand, ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Synth, type SynthResource, synthesize } from "../../synth/synth.ts";
import { FIXTURE, linkPlatform } from "../../synth/test/fixture-app.ts";
import { ROOT_CREDENTIALS } from "../account.ts";
import { deploy } from "../deploy.ts";
import { type Deployed, resolve } from "../deployed.ts";
import { type Cloud, startCloud } from "./cloud.ts";

let directory: string;
let synth: Synth;
let cloud: Cloud;
let deployed: Deployed;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-deploy-"));
  await linkPlatform(FIXTURE);
  [synth, cloud] = await Promise.all([
    synthesize({ root: FIXTURE, stage: "ci", out: join(directory, "synth.json") }),
    startCloud(),
  ]);
  deployed = await deployNow(synth);
});
afterAll(async () => {
  await cloud?.stop();
  await rm(directory, { recursive: true, force: true });
});

describe("a first deployment", () => {
  test("replaces ids that only the account knows wherever they stand", async () => {
    const kms = new KMSClient(cloud.root);
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: "alias/fixture-signing" }));

    expect(resolve(deployed, named("Signing").computed.arn)).toBe(KeyMetadata?.Arn);
    expect(KeyMetadata?.KeySpec).toBe("ECC_NIST_P256");
    expect(await rolePolicy(roleOf("ConsumerSubscriberOvzrcuFunctionRole"), "inline")).toContain(KeyMetadata?.Arn);
    const { ARN } = await new SecretsManagerClient(cloud.root).send(
      new DescribeSecretCommand({ SecretId: "fixture/token" }),
    );
    expect(await rolePolicy("fixture-build", "BuildRolePolicy")).toContain(ARN);
  });

  test("leads queue URLs to its endpoint, also inside a function's environment", async () => {
    const url = String(resolve(deployed, named("ConsumerQueue").computed.url));

    expect(url).toBe(`${cloud.url}/000000000000/${named("ConsumerQueue").inputs.name}`);
    expect(resolve(deployed, { environment: { variables: { QUEUE: named("ConsumerQueue").computed.url } } })).toEqual({
      environment: { variables: { QUEUE: url } },
    });
  });

  test("wires bus, rule, queue and their policies", async () => {
    const QueueUrl = resolve(deployed, String(named("ConsumerQueue").computed.url));
    const entry = { EventBusName: String(named("BusBus").inputs.name), Source: "fixture.door", Detail: "{}" };
    const door = await cloud.roleWith("fixture-door", [{ Action: "events:PutEvents", Resource: "*" }]);

    await new EventBridgeClient(door).send(
      new PutEventsCommand({ Entries: [{ ...entry, DetailType: "thing.happened.v1" }] }),
    );

    const { Messages = [] } = await new SQSClient(cloud.root).send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }),
    );
    expect(JSON.parse(Messages[0]?.Body ?? "{}")["detail-type"]).toBe("thing.happened.v1");
    const { Attributes } = await new SQSClient(cloud.root).send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
    );
    expect(Attributes).toMatchObject({ VisibilityTimeout: "60" });
    expect(JSON.parse(Attributes?.RedrivePolicy ?? "").maxReceiveCount).toBe(5);
  });

  test("makes the table with its index and its deletion protection", async () => {
    const { Table } = await new DynamoDBClient(cloud.root).send(
      new DescribeTableCommand({ TableName: String(named("TableTable").inputs.name) }),
    );

    expect(Table?.DeletionProtectionEnabled).toBe(true);
    expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).toEqual(["due"]);
  });

  test("knows the version of an object, which holds the file's bytes", async () => {
    const VersionId = resolve(deployed, String(named("Archive").computed.versionId));

    expect(await objectText("archive/app.ts", VersionId)).toBe(await readFile(join(FIXTURE, "stacks/app.ts"), "utf8"));
  });

  test("leaves schedules to the Lambda host", async () => {
    const { Rules = [] } = await new EventBridgeClient(cloud.root).send(new ListRulesCommand());

    expect(Rules).toEqual([]);
  });

  test("refuses a type that is neither created nor handled elsewhere", async () => {
    const unknown = changed((resources) => {
      const [first] = resources;
      if (first) resources.push({ ...first, custom: true, type: "aws:efs/fileSystem:FileSystem", name: "Disk" });
    });

    await expect(deployNow(unknown)).rejects.toThrow("does not know aws:efs/fileSystem:FileSystem (Disk)");
  });
});

test("refuses a setting that it would leave out", async () => {
  const withStream = changed((resources) => {
    for (const { name, inputs } of resources) if (name === "TableTable") inputs.streamEnabled = true;
  });

  await expect(deployNow(withStream)).rejects.toThrow(/Table TableTable:.*streamEnabled/s);
});

describe("a deployment of changed code onto it", () => {
  test("adds new objects, keeps the old ones and their versions, and the ids of keys", async () => {
    const before = resolve(deployed, [named("Greeting").computed.versionId, named("Signing").computed.arn]);
    const next = changed((resources) => {
      const archive = resources.find(({ name }) => name === "Archive");
      if (archive) archive.inputs.key = "archive/app-2.ts";
    });

    const again = await deployNow(next);

    expect(resolve(again, [named("Greeting").computed.versionId, named("Signing").computed.arn])).toEqual(before);
    const { Versions = [] } = await new S3Client(cloud.root).send(
      new ListObjectVersionsCommand({ Bucket: bucketName() }),
    );
    expect(Versions.map(({ Key }) => Key)).toEqual(["archive/app-2.ts", "archive/app.ts", "greeting.txt"]);
  });

  test("puts changed content as a new version", async () => {
    const next = changed((resources) => {
      const greeting = resources.find(({ name }) => name === "Greeting");
      if (greeting) greeting.inputs.content = "good evening\n";
    });

    const again = await deployNow(next);

    const version = (from: Deployed) => resolve(from, String(named("Greeting").computed.versionId));
    expect(await objectText("greeting.txt", version(again))).toBe("good evening\n");
    expect(await objectText("greeting.txt", version(deployed))).toBe("hello\n");
  });

  test("brings a role's policies and a project up to date", async () => {
    const role = roleOf("ConsumerSubscriberOvzrcuFunctionRole");
    const denial = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }],
    });
    const next = changed((resources) => {
      for (const { name, inputs } of resources) {
        if (name === "ConsumerSubscriberOvzrcuFunctionRole")
          inputs.inlinePolicies = [{ name: "other", policy: denial }];
        if (name === "Build") Object.assign(inputs.source as object, { buildspec: "version: 0.2\n" });
      }
    });

    await deployNow(next);

    const iam = new IAMClient(cloud.root);
    const { PolicyNames } = await iam.send(new ListRolePoliciesCommand({ RoleName: role }));
    expect(PolicyNames).toEqual(["other"]);
    expect(await rolePolicy("fixture-build", "BuildRolePolicy")).toContain("secretsmanager:GetSecretValue");
    const { projects = [] } = await new CodeBuildClient(cloud.root).send(
      new BatchGetProjectsCommand({ names: ["fixture-build"] }),
    );
    expect(projects[0]?.source?.buildspec).toBe("version: 0.2\n");
  });
});

function deployNow(of: Synth): Promise<Deployed> {
  const out = join(directory, "deployed.json");
  return deploy({ root: FIXTURE, synth: of, endpoint: cloud.url, rootCredentials: ROOT_CREDENTIALS, out });
}

function changed(change: (resources: SynthResource[]) => void): Synth {
  const copy = structuredClone(synth);
  change(copy.resources);
  return copy;
}

function named(name: string): SynthResource {
  const found = synth.resources.filter((resource) => resource.custom && resource.name === name);
  expect(found).toHaveLength(1);
  return found[0] as SynthResource;
}

function roleOf(name: string): string {
  return String(named(name).computed.name);
}

function bucketName(): string {
  return String(named("ObjectsBucket").inputs.bucket);
}

async function rolePolicy(RoleName: string, PolicyName: string): Promise<string> {
  const { PolicyDocument } = await new IAMClient(cloud.root).send(new GetRolePolicyCommand({ RoleName, PolicyName }));
  return decodeURIComponent(PolicyDocument ?? "");
}

async function objectText(Key: string, VersionId: string): Promise<string | undefined> {
  const { Body } = await new S3Client(cloud.root).send(new GetObjectCommand({ Bucket: bucketName(), Key, VersionId }));
  return Body?.transformToString();
}
