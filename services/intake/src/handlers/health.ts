import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { directoryBucket } from "@sluice/directory";
import { httpDoor, json } from "@sluice/doors";
import { slackSecret } from "../adapters/slack-secret.ts";
import { healthOf } from "../core/health.ts";
import { doorConfig } from "../door-config.ts";

const dynamodb = new DynamoDBClient();
const readDirectory = directoryBucket(new S3Client(), doorConfig.DIRECTORY_BUCKET);
const readSecret = slackSecret(new SecretsManagerClient(), doorConfig.SLACK_SECRET_ARN, () => Date.now());

const probes = {
  requests: async () => {
    const Key = { pk: { S: "health" }, sk: { S: "health" } };
    await dynamodb.send(new GetItemCommand({ TableName: doorConfig.TABLE_NAME, Key }));
    return true;
  },
  directory: async () => (await readDirectory()) !== undefined,
  slack: async () => (await readSecret()) !== undefined,
};

/** GET /api/health */
export const handler = httpDoor(async () => {
  const health = await healthOf(probes);
  return json(health.status === "up" ? 200 : 503, health);
});
