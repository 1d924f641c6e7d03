import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { directoryBucket } from "@sluice/directory";
import { httpDoor, json } from "@sluice/doors";
import * as z from "zod";
import { slackSecret } from "../adapters/slack-secret.ts";
import { healthOf } from "../core/health.ts";

const config = z
  .object({ TABLE_NAME: z.string().min(1), DIRECTORY_BUCKET: z.string().min(1), SLACK_SECRET_ARN: z.string().min(1) })
  .parse(process.env);
const dynamodb = new DynamoDBClient();
const readDirectory = directoryBucket(new S3Client(), config.DIRECTORY_BUCKET);
const readSecret = slackSecret(new SecretsManagerClient(), config.SLACK_SECRET_ARN, () => Date.now());

const probes = {
  requests: async () => {
    const Key = { pk: { S: "health" }, sk: { S: "health" } };
    await dynamodb.send(new GetItemCommand({ TableName: config.TABLE_NAME, Key }));
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
