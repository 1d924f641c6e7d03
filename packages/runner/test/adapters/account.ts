import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { jobTable } from "@sluice/jobs";
import type { GrantClaims } from "@sluice/steps";
import { ROOT_CREDENTIALS, startEmulator } from "../../../../local/account/account.ts";
import { ensureTools } from "../../../../local/setup/tools.ts";

export const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const REGION = "eu-west-1";
const BUCKETS = ["jobs", "plans", "states"] as const;

/** An account with what a build works with, and a credentials endpoint as CodeBuild has one. */
export async function startAccount() {
  const directory = await mkdtemp(join(ROOT, ".sluice/runner-"));
  const tools = await ensureTools({ root: ROOT, want: ["python", "terraform"] });
  const emulator = await startEmulator({ directory, tools });
  const client = { endpoint: emulator.url, region: REGION, credentials: ROOT_CREDENTIALS };
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  const sqs = new SQSClient(client);
  const kms = new KMSClient(client);
  const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient(client), {
    marshallOptions: { removeUndefinedValues: true },
  });

  for (const Bucket of BUCKETS) {
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  }
  await dynamo.send(
    new CreateTableCommand({
      TableName: "provisioning",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
    }),
  );
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "reports" }));
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" }));
  const keyArn = KeyMetadata?.Arn ?? "";
  const credentials = await serveCredentials(await buildSession(client));

  return {
    directory,
    s3,
    sqs,
    queueUrl: QueueUrl,
    store: jobTable(dynamo, "provisioning"),
    async sign(claims: GrantClaims): Promise<string> {
      const text = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
      const signed = `${text({ alg: "ES256" })}.${text(claims)}`;
      const { Signature = new Uint8Array() } = await kms.send(
        new SignCommand({ KeyId: keyArn, Message: Buffer.from(signed), SigningAlgorithm: "ECDSA_SHA_256" }),
      );
      return `${signed}.${joseSignature(Signature).toString("base64url")}`;
    },
    /** A build's environment, with what only a build's buildspec would add left to the test. */
    environment: {
      PATH: tools.path,
      HOME: directory,
      TMPDIR: directory,
      TF_CLI_CONFIG_FILE: tools.terraformConfig,
      AWS_ENDPOINT_URL: emulator.url,
      AWS_REGION: REGION,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: credentials.url,
      STAGE: "test",
      ENVIRONMENT: "staging",
      JOBS_BUCKET: "jobs",
      PLANS_BUCKET: "plans",
      STATES_BUCKET: "states",
      TABLE_NAME: "provisioning",
      REPORTS_QUEUE_URL: QueueUrl,
      GRANT_KEY_ARN: keyArn,
      TARGET_ROLE_ARN: "arn:aws:iam::111111111111:role/sluice-plan",
      TARGET_EXTERNAL_ID: "external",
      TARGET_REGION: REGION,
    },
    async stop() {
      credentials.close();
      await emulator.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
export type TestAccount = Awaited<ReturnType<typeof startAccount>>;

type Client = Readonly<{ endpoint: string; region: string; credentials: typeof ROOT_CREDENTIALS }>;

async function buildSession(client: Client) {
  const iam = new IAMClient(client);
  const anything = (more: object) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...more }] });
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: "build",
      AssumeRolePolicyDocument: anything({ Principal: { AWS: "*" }, Action: "sts:AssumeRole" }),
    }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: "build",
      PolicyName: "all",
      PolicyDocument: anything({ Action: "*", Resource: "*" }),
    }),
  );
  const { Credentials } = await new STSClient(client).send(
    new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: "build" }),
  );
  return {
    AccessKeyId: Credentials?.AccessKeyId,
    SecretAccessKey: Credentials?.SecretAccessKey,
    Token: Credentials?.SessionToken,
    Expiration: Credentials?.Expiration?.toISOString(),
  };
}

async function serveCredentials(answer: object): Promise<{ url: string; close: () => void }> {
  const server = createServer((_, response) => response.end(JSON.stringify(answer)));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/build`, close: () => server.close() };
}

/** KMS answers DER (RFC 3279), a JWS holds r and s in 32 bytes each (RFC 7518 §3.4). */
function joseSignature(der: Uint8Array): Buffer {
  const rLength = der[3] ?? 0;
  const numbers = [der.subarray(4, 4 + rLength), der.subarray(6 + rLength)];
  return Buffer.concat(numbers.map((number) => Buffer.concat([Buffer.alloc(32), Buffer.from(number)]).subarray(-32)));
}
