import { createHash } from "node:crypto";
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { CodeBuildClient, StartBuildCommand, type StartBuildCommandInput } from "@aws-sdk/client-codebuild";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand, type PutEventsCommandInput } from "@aws-sdk/client-eventbridge";
import { KMSClient, SignCommand, type SignCommandInput } from "@aws-sdk/client-kms";
import {
  DeleteObjectCommand,
  type DeleteObjectCommandInput,
  GetObjectCommand,
  type GetObjectCommandInput,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  GetSecretValueCommand,
  type GetSecretValueCommandInput,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { SendMessageCommand, type SendMessageCommandInput, SQSClient } from "@aws-sdk/client-sqs";
import {
  BatchWriteCommand,
  type BatchWriteCommandInput,
  DeleteCommand,
  type DeleteCommandInput,
  DynamoDBDocumentClient,
  GetCommand,
  type GetCommandInput,
  NumberValue,
  PutCommand,
  type PutCommandInput,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from "@aws-sdk/lib-dynamodb";
import type { ClientConfig } from "../../local/cloud/start-cloud.ts";
import type { Kind } from "./builds-of.ts";

/**
 * What a compromised build does, in the build itself: a changed runner imports this module, so that everything here is done by the build's own process with the
 * rights of its own role. It knows nothing of Sluice but what any build can read.
 */

/** As whom: a build takes it from its environment. */
type Who = Partial<ClientConfig>;

/** Every call that is tried, once and by itself. */
function callsOf(who: Who) {
  const once = { ...who, maxAttempts: 1 };
  const table = DynamoDBDocumentClient.from(new DynamoDBClient(once));
  const s3 = new S3Client(once);
  const [sqs, bus] = [new SQSClient(once), new EventBridgeClient(once)];
  const [kms, codebuild, secrets] = [new KMSClient(once), new CodeBuildClient(once), new SecretsManagerClient(once)];
  return {
    batch: (input: BatchWriteCommandInput) => table.send(new BatchWriteCommand(input)),
    delete: (input: DeleteCommandInput) => table.send(new DeleteCommand(input)),
    get: (input: GetCommandInput) => table.send(new GetCommand(input)),
    put: (input: PutCommandInput) => table.send(new PutCommand(input)),
    query: (input: QueryCommandInput) => table.send(new QueryCommand(input)),
    scan: (input: ScanCommandInput) => table.send(new ScanCommand(input)),
    transaction: (input: TransactWriteCommandInput) => table.send(new TransactWriteCommand(input)),
    update: (input: UpdateCommandInput) => table.send(new UpdateCommand(input)),
    deleteObject: (input: DeleteObjectCommandInput) => s3.send(new DeleteObjectCommand(input)),
    // What is not read to its end keeps the build alive.
    getObject: async (input: GetObjectCommandInput) =>
      (await s3.send(new GetObjectCommand(input))).Body?.transformToString(),
    listObjects: (input: ListObjectsV2CommandInput) => s3.send(new ListObjectsV2Command(input)),
    putObject: (input: PutObjectCommandInput) => s3.send(new PutObjectCommand(input)),
    publish: (input: PutEventsCommandInput) => bus.send(new PutEventsCommand(input)),
    readSecret: (input: GetSecretValueCommandInput) => secrets.send(new GetSecretValueCommand(input)),
    send: (input: SendMessageCommandInput) => sqs.send(new SendMessageCommand(input)),
    sign: (input: Omit<SignCommandInput, "Message">) =>
      kms.send(new SignCommand({ ...input, Message: new TextEncoder().encode("anything") })),
    startBuild: (input: StartBuildCommandInput) => codebuild.send(new StartBuildCommand(input)),
  };
}
type Calls = ReturnType<typeof callsOf>;

/** One call that somebody tries, as JSON. */
export type Try = {
  [C in keyof Calls]: Readonly<{ what: string; call: C; input: Parameters<Calls[C]>[0] }>;
}[keyof Calls];

/** By what was tried: `done`, `refused` by IAM, or the name of another error. */
export type Answers = Readonly<Record<string, string>>;

export async function tryAll(tries: readonly Try[], who: Who = {}): Promise<Answers> {
  const calls = callsOf(who);
  const answerTo = async ({ call, input }: Try) => {
    try {
      await (calls[call] as (input: unknown) => Promise<unknown>)(input);
      return "done";
    } catch (cause) {
      const name = cause instanceof Error ? cause.name : String(cause);
      return name.startsWith("AccessDenied") ? "refused" : name;
    }
  };
  return Object.fromEntries(await Promise.all(tries.map(async (each) => [each.what, await answerTo(each)] as const)));
}

/** A job that is lied about, by a build of its kind: whatever other request it is of. */
export type Lied = Readonly<{
  /** The builds' table of its owner. */
  table: string;
  bucket: string;
  environment: string;
  /** As in keys: `scan`, not `check`. */
  kind: string;
  job: string;
  /** Who lies, and the job that it was started for. */
  build: string;
  own: string;
  /** Of its workspace, which a build that plans can guess. */
  epoch?: number;
}>;

/** A lie is an update of the job's own item, and whatever objects it needs. */
export type Lie = (of: Lied, told: Told) => Promise<unknown>;
type Told = Readonly<{
  /** Sets attributes of the item. */
  tell: (attributes: Readonly<Record<string, unknown>>) => Promise<unknown>;
  /** Puts an object. */
  put: (key: string, body: unknown) => Promise<Ref>;
  /** Has the lease, and reports this result. */
  report: (state: "running" | "applying", outcome: "completed" | "failed", result: Ref) => Promise<unknown>;
  /** The key of a file in the folder of this build's results for a job. */
  file: (job: string, name: string) => string;
  /** The key of the key of a change digest. */
  digestKey: string;
}>;
type Ref = Readonly<{ key: string; versionId: string; sha256: string }>;

const completed = (output: unknown) => ({ outcome: "completed", seconds: 1, output });
const isRun = { ran: true, hosts: 1, changed: 7, ok: 21 };
const NO_COUNTS = { add: 0, change: 0, destroy: 0, replace: 0, forget: 0, import: 0, move: 0, read: 0, output: 0 };

/** Everything that a build may say of a job of its kind. */
export const lies = {
  /** No item at all: not even a number that can be read. */
  unreadable: (_, { tell }) => tell({ version: NumberValue.from("9007199254740993.5") }),
  /** Nobody may begin. */
  void: (_, { tell }) => tell({ void: "closed" }),
  /** A build has the lease that there never was. */
  leased: ({ build }, { tell }) => tell({ state: { is: "running", build, since: 0 } }),
  /** Nobody has the lease. */
  unleased: (_, { tell }) => tell({ state: { is: "claimed" } }),
  /** It applies: of any kind but an apply that is never so. */
  applying: ({ build }, { tell }) => tell({ state: { is: "applying", build, since: 0 } }),
  /** Its release was refused. */
  refused: ({ environment, kind, job }, { put }) =>
    put(`results/${environment}/${kind}/${job}/refused.json`, { reason: "release_changed" }),
  /** It has failed. */
  failed: async ({ job }, { put, report, file }) => {
    const why = { code: "terraform_failed", sentence: "It did not work.", repeatable: true, clean: true };
    return report("running", "failed", await put(file(job, "result.json"), { outcome: "failed", seconds: 1, ...why }));
  },
  /** Nothing would change, so nobody need be asked. */
  planned: async ({ job, epoch = 0 }, { put, report, file, digestKey }) => {
    const none = { count: 0, first: [] };
    const output = {
      page: await put(file(job, "page.json"), {}),
      changeDigest: "0".repeat(64),
      digestKey: await put(digestKey, {}),
      summary: { empty: true, counts: NO_COUNTS, destroys: none, replaces: none, orphans: none, risks: [] },
      seen: { warnings: 0, failingChecks: 0 },
      epoch,
      tools: { terraform: "1.11.4" },
    };
    return report("running", "completed", await put(file(job, "result.json"), completed(output)));
  },
  /** It ran, says the genuine result of another job. */
  anothers: async ({ own }, { put, report, file }) =>
    report("running", "completed", await put(file(own, "result.json"), completed(isRun))),
  /** It has been configured. */
  configured: async ({ job }, { put, report, file }) =>
    report("running", "completed", await put(file(job, "result.json"), completed(isRun))),
  /** All is well. */
  checked: async ({ job }, { put, report, file }) => {
    const evidence = await put(file(job, "evidence.json"), []);
    const output = { evidence, passed: 5, skipped: 0 };
    return report("running", "completed", await put(file(job, "result.json"), completed(output)));
  },
  /** It has been applied, says a build that spent no grant, and shows a result that is none the worse for it. */
  applied: async ({ job }, { put, report, file }) => {
    const outputs = await put(file(job, "outputs.json"), {});
    const resources = { added: 3, changed: 0, destroyed: 0 };
    const output = { outputs, shown: {}, hosts: 0, resources, epoch: 1 };
    return report("applying", "completed", await put(file(job, "result.json"), completed(output)));
  },
} as const satisfies Readonly<Record<string, Lie>>;

/** Of each kind one that leaves its request something to go on with. */
export const lieOf: Readonly<Record<Kind, Lie>> = {
  plan: lies.unreadable,
  apply: lies.applied,
  configure: lies.anothers,
  check: lies.applying,
};

export async function lieAbout(of: Lied, lie: Lie, who: Who = {}): Promise<void> {
  const { update, putObject } = callsOf(who);
  const { build } = of;
  const uuid = build.slice(build.indexOf(":") + 1);
  const tell: Told["tell"] = (attributes) => {
    const names = Object.keys(attributes);
    return update({
      TableName: of.table,
      Key: { pk: `${of.environment}#job#${of.kind}#${of.job}`, sk: "job" },
      UpdateExpression: `SET ${names.map((_, at) => `#${at} = :${at}`).join(", ")}`,
      ExpressionAttributeNames: Object.fromEntries(names.map((name, at) => [`#${at}`, name])),
      ExpressionAttributeValues: Object.fromEntries(names.map((name, at) => [`:${at}`, attributes[name]])),
    });
  };
  await lie(of, {
    tell,
    put: async (key, value) => {
      const Body = JSON.stringify(value);
      const { VersionId = "" } = await putObject({ Bucket: of.bucket, Key: key, Body });
      return { key, versionId: VersionId, sha256: createHash("sha256").update(Body).digest("hex") };
    },
    report: (is, outcome, result) =>
      tell({ state: { is, build, since: 0 }, report: { build, outcome, clean: true, result } }),
    file: (job, name) => `results/${of.environment}/${of.kind}/${job}/${uuid}/${name}`,
    digestKey: `digest-keys/${of.environment}/${of.job}/${uuid}.json`,
  });
}

/** In the build: waits for its moment, which is a file, tries everything, lies, and leaves what came of it in another file. */
export async function attack(
  { moment, answers, kind }: Readonly<{ moment: string; answers: string; kind: Kind }>,
  tries: readonly Try[],
  lied: Omit<Lied, "build" | "own" | "epoch">,
): Promise<void> {
  while (!existsSync(moment)) await new Promise((again) => setTimeout(again, 50));
  const said = await tryAll(tries);
  const { CODEBUILD_BUILD_ID: build = "", JOB_ID: own = "" } = process.env;
  await lieAbout({ ...lied, build, own }, lieOf[kind]);
  writeFileSync(`${answers}.part`, JSON.stringify(said));
  renameSync(`${answers}.part`, answers);
}
