import { type AttributeDefinition, CreateTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";

const KEYS: AttributeDefinition[] = [
  { AttributeName: "pk", AttributeType: "S" },
  { AttributeName: "sk", AttributeType: "S" },
];
const DUE: AttributeDefinition[] = [
  { AttributeName: "dueShard", AttributeType: "S" },
  { AttributeName: "dueAt", AttributeType: "N" },
];

/** An empty table as `stacks/tables.ts` makes them: a service's own has the sparse index of what is due, its builds' has none. */
export async function createTable(client: Pick<DynamoDBClient, "send">, TableName: string, of: "service" | "builds") {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: keySchema("pk", "sk"),
      AttributeDefinitions: of === "service" ? [...KEYS, ...DUE] : KEYS,
      ...(of === "service" && {
        GlobalSecondaryIndexes: [
          { IndexName: "due", KeySchema: keySchema("dueShard", "dueAt"), Projection: { ProjectionType: "ALL" } },
        ],
      }),
    }),
  );
}

function keySchema(hash: string, range: string) {
  return [
    { AttributeName: hash, KeyType: "HASH" as const },
    { AttributeName: range, KeyType: "RANGE" as const },
  ];
}
