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
import { type Cloud, outcome } from "./cloud.ts";
import { patchTest } from "./patch-test.ts";

const DENIED = "AccessDeniedException";

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
