import "@sluice/http-without-websockets";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { directoryBucket } from "@sluice/directory";
import { httpDoor, json } from "@sluice/doors";
import { hasValue } from "../adapters/secret-description.ts";
import { rememberedHealth } from "../core/health.ts";
import { healthConfig } from "../health-config.ts";

const { TABLE_NAME, DIRECTORY_BUCKET, SLACK_SIGNING_SECRET_ARN, SLACK_BOT_SECRET_ARN } = healthConfig;
const dynamodb = new DynamoDBClient();
const secrets = new SecretsManagerClient();
const readDirectory = directoryBucket(new S3Client(), DIRECTORY_BUCKET);

const healthNow = rememberedHealth(
  {
    requests: async () => {
      const Key = { pk: { S: "health" }, sk: { S: "health" } };
      await dynamodb.send(new GetItemCommand({ TableName: TABLE_NAME, Key }));
      return true;
    },
    directory: async () => (await readDirectory()) !== undefined,
    slack: async () => {
      const have = [SLACK_SIGNING_SECRET_ARN, SLACK_BOT_SECRET_ARN].map((arn) => hasValue(secrets, arn));
      return !(await Promise.all(have)).includes(false);
    },
  },
  () => Date.now(),
);

/** GET /api/health */
export const handler = httpDoor(async () => {
  const health = await healthNow();
  return json(health.status === "up" ? 200 : 503, health);
});
