import { CreateKeyCommand, type CreateKeyCommandInput, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateSecretCommand, DescribeSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CreateQueueCommand, SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cloud, outcome, policy, startCloud } from "./cloud.ts";
import { patchTest } from "./patch-test.ts";

const DENIED = "AccessDeniedException";

patchTest("principal_arn", "a condition on aws:PrincipalArn sees the role behind a session", {
  observe: async (cloud) => {
    const signer = { StringNotEquals: { "aws:PrincipalArn": "arn:aws:iam::000000000000:role/signer" } };
    const key = await createKey(
      cloud,
      [{ Effect: "Deny", Principal: "*", Action: "kms:Sign", Resource: "*", Condition: signer }],
      { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" },
    );
    const sign = new SignCommand({
      KeyId: key,
      Message: Buffer.from("grant"),
      SigningAlgorithm: "ECDSA_SHA_256",
    });
    const by = async (role: string) =>
      outcome(new KMSClient(await cloud.roleWith(role, [{ Action: "kms:Sign", Resource: "*" }])).send(sign));
    return { signer: await by("signer"), other: await by("other") };
  },
  patched: { signer: "done", other: DENIED },
  unpatched: { signer: DENIED, other: DENIED },
});

patchTest("batch_actions", "who may send a message may send a batch of them", {
  observe: async (cloud) => {
    const { QueueUrl = "" } = await new SQSClient(cloud.root).send(new CreateQueueCommand({ QueueName: "own" }));
    const sender = await cloud.roleWith("sender", [{ Action: "sqs:SendMessage", Resource: "arn:aws:sqs:*:*:own" }]);
    const batch = { QueueUrl, Entries: [{ Id: "1", MessageBody: "one" }] };
    return outcome(new SQSClient(sender).send(new SendMessageBatchCommand(batch)));
  },
  patched: "done",
  unpatched: "AccessDenied",
});

patchTest("empty_secrets", "who describes a secret sees that it has no value yet", {
  observe: async (cloud) => {
    const { ARN } = await new SecretsManagerClient(cloud.root).send(new CreateSecretCommand({ Name: "empty" }));
    const describer = await cloud.roleWith("describer", [{ Action: "secretsmanager:DescribeSecret", Resource: "*" }]);
    const { VersionIdsToStages } = await new SecretsManagerClient(describer).send(
      new DescribeSecretCommand({ SecretId: ARN }),
    );
    return Object.values(VersionIdsToStages ?? {});
  },
  patched: [],
  unpatched: [["AWSCURRENT"]],
});

patchTest("secure_transport", "a bucket that denies insecure transport can be used on loopback", {
  observe: async (cloud) => {
    const s3 = new S3Client(cloud.root);
    await s3.send(new CreateBucketCommand({ Bucket: "bucket" }));
    const insecure = {
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: "arn:aws:s3:::bucket/*",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    };
    await s3.send(new PutBucketPolicyCommand({ Bucket: "bucket", Policy: policy([insecure]) }));
    const writer = await cloud.roleWith("writer", [{ Action: "s3:PutObject", Resource: "arn:aws:s3:::bucket/*" }]);
    return outcome(new S3Client(writer).send(new PutObjectCommand({ Bucket: "bucket", Key: "a", Body: "a" })));
  },
  patched: "done",
  unpatched: "AccessDenied",
});

patchTest("moved_clock", "a function whose clock was moved ahead is understood at once, and one of long ago is not", {
  observe: async (cloud) => {
    const hour = 3_600_000;
    const caller = await cloud.roleWith("caller", [{ Action: "sqs:ListQueues", Resource: "*" }]);
    const at = (systemClockOffset: number) =>
      outcome(new STSClient({ ...caller, systemClockOffset, maxAttempts: 1 }).send(new GetCallerIdentityCommand({})));
    return { ahead: await at(hour), behind: await at(-hour) };
  },
  patched: { ahead: "done", behind: "SignatureDoesNotMatch" },
  unpatched: { ahead: "SignatureDoesNotMatch", behind: "SignatureDoesNotMatch" },
});

patchTest("object_keys", "an object under a KMS key needs the key's permission too", {
  observe: async (cloud) => {
    const key = await createKey(cloud, []);
    await createSealedBucket(cloud, key);
    const object = { Bucket: "sealed", Key: "plan" };
    const on = { Resource: "arn:aws:s3:::sealed/*" };
    const may = async (name: string, s3Action: string, kmsAction?: string) =>
      new S3Client(
        await cloud.roleWith(name, [
          { ...on, Action: s3Action },
          ...(kmsAction ? [{ Action: kmsAction, Resource: key }] : []),
        ]),
      );
    const put = new PutObjectCommand({ ...object, Body: "plan" });
    return {
      written: await outcome((await may("writer", "s3:PutObject", "kms:GenerateDataKey")).send(put)),
      "written without the key": await outcome((await may("no-writer", "s3:PutObject", "kms:Decrypt")).send(put)),
      read: await outcome(read(await may("reader", "s3:GetObject", "kms:Decrypt"), object)),
      "read without the key": await outcome(read(await may("no-reader", "s3:GetObject"), object)),
    };
  },
  patched: {
    written: "done",
    "written without the key": "AccessDenied",
    read: "done",
    "read without the key": "AccessDenied",
  },
  unpatched: { written: "done", "written without the key": "done", read: "done", "read without the key": "done" },
});

patchTest("unknown_action", "a call without a known action is refused", {
  observe: async (cloud) => {
    const s3 = new S3Client(await cloud.roleWith("reader", [{ Action: "s3:GetObject", Resource: "*" }]));
    s3.middlewareStack.add(
      (next) => (call) => {
        Object.assign(call.request as object, { method: "PATCH" });
        return next(call);
      },
      { step: "build" },
    );
    return (await outcome(s3.send(new GetObjectCommand({ Bucket: "bucket", Key: "a" })))) === "AccessDenied";
  },
  patched: true,
  unpatched: false,
});

describe("what the emulator does by itself", () => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await startCloud();
  });
  afterAll(() => cloud?.stop());

  test("reading an object by version is another permission than reading it", async () => {
    const root = new S3Client(cloud.root);
    await root.send(new CreateBucketCommand({ Bucket: "versions" }));
    await root.send(
      new PutBucketVersioningCommand({ Bucket: "versions", VersioningConfiguration: { Status: "Enabled" } }),
    );
    const object = { Bucket: "versions", Key: "results/a" };
    const { VersionId } = await root.send(new PutObjectCommand({ ...object, Body: "a" }));
    const on = "arn:aws:s3:::versions/results/*";
    const latest = new S3Client(await cloud.roleWith("latest", [{ Action: "s3:GetObject", Resource: on }]));
    const version = new S3Client(await cloud.roleWith("version", [{ Action: "s3:GetObjectVersion", Resource: on }]));

    expect(await outcome(read(latest, object))).toBe("done");
    expect(await outcome(read(latest, { ...object, VersionId }))).toBe("AccessDenied");
    expect(await outcome(read(version, { ...object, VersionId }))).toBe("done");
    expect(await outcome(read(version, object))).toBe("AccessDenied");
  });

  test("writing, deleting and listing objects are judged by key and prefix", async () => {
    const root = new S3Client(cloud.root);
    await root.send(new CreateBucketCommand({ Bucket: "prefixes" }));
    const writer = new S3Client(
      await cloud.roleWith("writer", [
        { Action: "s3:PutObject", Resource: "arn:aws:s3:::prefixes/plan/*" },
        {
          Action: "s3:ListBucket",
          Resource: "arn:aws:s3:::prefixes",
          Condition: { StringEquals: { "s3:prefix": "plan/" } },
        },
      ]),
    );
    const outcomes = {
      put: writer.send(new PutObjectCommand({ Bucket: "prefixes", Key: "plan/a", Body: "a" })),
      "put elsewhere": writer.send(new PutObjectCommand({ Bucket: "prefixes", Key: "apply/a", Body: "a" })),
      delete: writer.send(new DeleteObjectCommand({ Bucket: "prefixes", Key: "plan/a" })),
      list: writer.send(new ListObjectsV2Command({ Bucket: "prefixes", Prefix: "plan/" })),
      "list elsewhere": writer.send(new ListObjectsV2Command({ Bucket: "prefixes" })),
    };

    expect(await settled(outcomes)).toEqual({
      put: "done",
      "put elsewhere": "AccessDenied",
      delete: "AccessDenied",
      list: "done",
      "list elsewhere": "AccessDenied",
    });
  });

  test("GetCallerIdentity answers the assumed role", async () => {
    const role = await cloud.roleWith("somebody", [{ Action: "sqs:SendMessage", Resource: "*" }]);

    const { Arn, Account } = await new STSClient(role).send(new GetCallerIdentityCommand());

    expect({ Arn, Account }).toEqual({
      Arn: "arn:aws:sts::000000000000:assumed-role/somebody/test",
      Account: "000000000000",
    });
  });

  test("a session with a wrong secret is refused", async () => {
    const { credentials, ...role } = await cloud.roleWith("forged", [{ Action: "*", Resource: "*" }]);
    const forged = { ...role, credentials: { ...credentials, secretAccessKey: "guessed" } };

    expect(await outcome(new STSClient(forged).send(new GetCallerIdentityCommand()))).toBe("SignatureDoesNotMatch");
  });
});

/** A key that the account's policies may open, except for these statements. Resolves to its ARN. */
async function createKey(
  cloud: Cloud,
  statements: object[],
  kind: Pick<CreateKeyCommandInput, "KeySpec" | "KeyUsage"> = {},
): Promise<string> {
  const account = { AWS: "arn:aws:iam::000000000000:root" };
  const { KeyMetadata } = await new KMSClient(cloud.root).send(
    new CreateKeyCommand({
      ...kind,
      Policy: policy([{ Effect: "Allow", Principal: account, Action: "kms:*", Resource: "*" }, ...statements]),
    }),
  );
  return KeyMetadata?.Arn ?? "";
}

async function createSealedBucket(cloud: Cloud, KMSMasterKeyID: string): Promise<void> {
  const s3 = new S3Client(cloud.root);
  await s3.send(new CreateBucketCommand({ Bucket: "sealed" }));
  await s3.send(
    new PutBucketEncryptionCommand({
      Bucket: "sealed",
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID } }],
      },
    }),
  );
}

/** To its last byte: a body left unread fails when the emulator ends. */
async function read(s3: S3Client, object: GetObjectCommandInput): Promise<void> {
  const { Body } = await s3.send(new GetObjectCommand(object));
  await Body?.transformToByteArray();
}

async function settled(calls: Record<string, Promise<unknown>>): Promise<Record<string, string>> {
  const entries = Object.entries(calls).map(async ([name, call]) => [name, await outcome(call)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
