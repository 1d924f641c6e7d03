import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { ROOT_CREDENTIALS, startEmulator } from "../../../../local/account/account.ts";
import { ensureTools } from "../../../../local/setup/tools.ts";

export const TABLE = "provisioning";

/** The service's table on an emulated DynamoDB, and what ends it. */
export async function emulatedTable() {
  const root = join(import.meta.dirname, "../../../..");
  const directory = await mkdtemp(join(tmpdir(), "sluice-provisioner-"));
  const tools = await ensureTools({ root, want: ["python"] });
  const emulator = await startEmulator({ directory, tools });
  const dynamodb = new DynamoDBClient({
    endpoint: emulator.url,
    region: "eu-west-1",
    credentials: ROOT_CREDENTIALS,
    maxAttempts: 10,
  });
  await dynamodb.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
        { AttributeName: "dueShard", AttributeType: "S" },
        { AttributeName: "dueAt", AttributeType: "N" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "due",
          KeySchema: [
            { AttributeName: "dueShard", KeyType: "HASH" },
            { AttributeName: "dueAt", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "ALL" },
        },
      ],
    }),
  );
  return {
    /** For other clients of the same account. */
    account: { endpoint: emulator.url, region: "eu-west-1", credentials: ROOT_CREDENTIALS },
    client: DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } }),
    async stop() {
      dynamodb.destroy();
      await emulator.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
