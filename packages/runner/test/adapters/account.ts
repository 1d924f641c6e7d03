import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { BuildId } from "@sluice/events";
import { jobTable, roleKind } from "@sluice/jobs";
import type { GrantClaims } from "@sluice/steps";
import { as, makeRole } from "../../../../local/front/test/roles.ts";
import { REGION, ROOT, STAGING, startEmulators } from "../../../../local/front/test/start-emulators.ts";
import { ensureTools } from "../../../../local/setup/tools.ts";
import { createTable } from "../../../../test/create-table.ts";
import { bundleRunner } from "../../bundle.ts";

const EXTERNAL_ID = "sluice-staging";
const BUCKETS = ["jobs", "states"] as const;
const KINDS = ["plan", "apply", "configuration", "scan"] as const;
export type Kind = (typeof KINDS)[number];

const buildRole = (kind: Kind) => `sluice-test-${roleKind(kind)}-staging`;

/** Sluice's account with what builds work with, an empty target account, and a code release. */
export async function startAccount() {
  const [emulators, tools] = await Promise.all([
    startEmulators(),
    ensureTools({ root: ROOT, want: ["python", "terraform"] }),
  ]);
  const { front, directory } = emulators;
  const client = as(front, front.rootCredentials);
  const s3 = new S3Client(client);
  const sqs = new SQSClient(client);
  const kms = new KMSClient(client);
  const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient(client), {
    marshallOptions: { removeUndefinedValues: true },
  });

  for (const Bucket of BUCKETS) {
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  }
  await createTable(dynamo, "provisioning", "service");
  await createTable(dynamo, "builds", "builds");
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "reports" }));
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" }));
  const keyArn = KeyMetadata?.Arn ?? "";
  const roles = new Map<Kind, string>();
  for (const kind of KINDS)
    roles.set(kind, await makeRole(front, buildRole(kind), [{ Effect: "Allow", Action: "*", Resource: "*" }]));

  const release = join(directory, "release");
  await mkdir(release);
  await bundleRunner(release);
  await cp(join(ROOT, "terraform"), join(release, "terraform"), {
    recursive: true,
    filter: (path) => !/\/(\.terraform|tests?)(\/|$)/.test(path),
  });
  await cp(join(ROOT, "ansible"), join(release, "ansible"), { recursive: true });

  return {
    ...emulators,
    tools,
    release,
    s3,
    sqs,
    queueUrl: QueueUrl,
    roles,
    store: jobTable(dynamo, { own: "provisioning", builds: "builds" }),
    async sign(claims: GrantClaims): Promise<string> {
      const text = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
      const signed = `${text({ alg: "ES256" })}.${text(claims)}`;
      const { Signature = new Uint8Array() } = await kms.send(
        new SignCommand({ KeyId: keyArn, Message: Buffer.from(signed), SigningAlgorithm: "ECDSA_SHA_256" }),
      );
      return `${signed}.${joseSignature(Signature).toString("base64url")}`;
    },
    /** A build's whole environment, as its project and its buildspec make it. */
    environmentOf(kind: Kind, build: BuildId): Record<string, string> {
      const { uri, token } = front.containerCredentials.register(build, roles.get(kind) ?? "", 3_600);
      return {
        PATH: tools.path,
        HOME: directory,
        TMPDIR: directory,
        TF_CLI_CONFIG_FILE: tools.terraformConfig,
        AWS_ENDPOINT_URL: front.url,
        AWS_REGION: REGION,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: uri,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
        STAGE: "test",
        KIND: kind,
        ENVIRONMENT: "staging",
        CODEBUILD_BUILD_ID: build,
        JOBS_BUCKET: "jobs",
        STATES_BUCKET: "states",
        BUILDS_TABLE_NAME: "builds",
        REPORTS_QUEUE_URL: QueueUrl,
        GRANT_KEY_ARN: keyArn,
        TARGET_ROLE_ARN: `arn:aws:iam::${STAGING}:role/sluice-${roleKind(kind)}`,
        TARGET_EXTERNAL_ID: EXTERNAL_ID,
        TARGET_REGION: REGION,
      };
    },
  };
}
export type TestAccount = Awaited<ReturnType<typeof startAccount>>;

/** KMS answers DER (RFC 3279), a JWS holds r and s in 32 bytes each (RFC 7518 §3.4). */
function joseSignature(der: Uint8Array): Buffer {
  const rLength = der[3] ?? 0;
  const numbers = [der.subarray(4, 4 + rLength), der.subarray(6 + rLength)];
  return Buffer.concat(numbers.map((number) => Buffer.concat([Buffer.alloc(32), Buffer.from(number)]).subarray(-32)));
}
