import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { CreateKeyCommand, type CreateKeyCommandInput, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
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
    const get = new GetObjectCommand(object);
    return {
      written: await outcome((await may("writer", "s3:PutObject", "kms:GenerateDataKey")).send(put)),
      "written without the key": await outcome((await may("no-writer", "s3:PutObject", "kms:Decrypt")).send(put)),
      read: await outcome((await may("reader", "s3:GetObject", "kms:Decrypt")).send(get)),
      "read without the key": await outcome((await may("no-reader", "s3:GetObject")).send(get)),
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

patchTest("leading_keys", "a role reaches only the items whose partition key it may", {
  observe: async (cloud) => {
    await createTable(cloud);
    const role = await cloud.roleWith("staging", [
      {
        Action: [
          ...["BatchGetItem", "BatchWriteItem", "ConditionCheckItem", "DeleteItem", "GetItem"],
          ...["PutItem", "Query", "UpdateItem"],
        ].map((action) => `dynamodb:${action}`),
        Resource: [
          "arn:aws:dynamodb:eu-west-1:000000000000:table/items",
          "arn:aws:dynamodb:eu-west-1:000000000000:table/items/index/due",
        ],
        Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["staging#*"] } },
      },
    ]);
    const db = new DynamoDBClient(role);
    const refused: Record<string, string> = {};
    for (const environment of ["staging", "production"])
      for (const [name, send] of Object.entries(callsOn(db, `${environment}#1`)))
        refused[`${name} ${environment}`] = await outcome(send());
    refused["query without a partition key"] = await outcome(
      db.send(new QueryCommand({ TableName: "items", KeyConditionExpression: "pk = :missing" })),
    );
    return Object.entries(refused)
      .filter(([, result]) => result === DENIED)
      .map(([name]) => name);
  },
  patched: [
    ...[
      ...["get", "put", "update", "delete", "query", "query with names", "query an index"],
      ...["batch get", "batch write", "transact get", "transact write", "condition check"],
    ].map((name) => `${name} production`),
    "query without a partition key",
  ],
  unpatched: [],
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

    expect(await outcome(latest.send(new GetObjectCommand(object)))).toBe("done");
    expect(await outcome(latest.send(new GetObjectCommand({ ...object, VersionId })))).toBe("AccessDenied");
    expect(await outcome(version.send(new GetObjectCommand({ ...object, VersionId })))).toBe("done");
    expect(await outcome(version.send(new GetObjectCommand(object)))).toBe("AccessDenied");
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

async function createTable(cloud: Cloud): Promise<void> {
  await new DynamoDBClient(cloud.root).send(
    new CreateTableCommand({
      TableName: "items",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "shard"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      GlobalSecondaryIndexes: [
        {
          IndexName: "due",
          KeySchema: [{ AttributeName: "shard", KeyType: "HASH" }],
          Projection: { ProjectionType: "ALL" },
        },
      ],
    }),
  );
}

/** Every call that names a partition key; the ones over several items also name one that the role may. */
function callsOn(db: DynamoDBClient, key: string): Record<string, () => Promise<unknown>> {
  const TableName = "items";
  const Key = { pk: { S: key } };
  const Item = { ...Key, note: { S: "n" } };
  const own = { pk: { S: "staging#own" } };
  const values = { ":k": { S: key } };
  return {
    get: () => db.send(new GetItemCommand({ TableName, Key })),
    put: () => db.send(new PutItemCommand({ TableName, Item })),
    update: () => db.send(new UpdateItemCommand({ TableName, Key })),
    delete: () => db.send(new DeleteItemCommand({ TableName, Key })),
    query: () =>
      db.send(new QueryCommand({ TableName, KeyConditionExpression: "pk = :k", ExpressionAttributeValues: values })),
    "query with names": () =>
      db.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: "#key = :k",
          ExpressionAttributeNames: { "#key": "pk" },
          ExpressionAttributeValues: values,
        }),
      ),
    "query an index": () =>
      db.send(
        new QueryCommand({
          TableName,
          IndexName: "due",
          KeyConditionExpression: "shard = :k",
          ExpressionAttributeValues: values,
        }),
      ),
    "batch get": () => db.send(new BatchGetItemCommand({ RequestItems: { items: { Keys: [own, Key] } } })),
    "batch write": () =>
      db.send(
        new BatchWriteItemCommand({
          RequestItems: { items: [{ PutRequest: { Item } }, { DeleteRequest: { Key: own } }] },
        }),
      ),
    "transact get": () =>
      db.send(
        new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName, Key: own } }, { Get: { TableName, Key } }] }),
      ),
    "transact write": () =>
      db.send(
        new TransactWriteItemsCommand({
          TransactItems: [{ Delete: { TableName, Key: own } }, { Put: { TableName, Item } }],
        }),
      ),
    "condition check": () =>
      db.send(
        new TransactWriteItemsCommand({
          TransactItems: [
            { Put: { TableName, Item: own } },
            { ConditionCheck: { TableName, Key, ConditionExpression: "attribute_exists(pk)" } },
          ],
        }),
      ),
  };
}

async function settled(calls: Record<string, Promise<unknown>>): Promise<Record<string, string>> {
  const entries = Object.entries(calls).map(async ([name, call]) => [name, await outcome(call)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
