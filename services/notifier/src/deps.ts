import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { directoryBucket } from "@sluice/directory";
import { deadLetterQueue } from "@sluice/doors";
import { count, logger } from "@sluice/telemetry";
import { peopleFrom } from "./adapters/people.ts";
import { pictureTable } from "./adapters/picture-table.ts";
import { slackMessenger } from "./adapters/slack-messenger.ts";
import { slackFromSecret } from "./adapters/slack-secret.ts";
import { config } from "./config.ts";
import type { Ports } from "./core/ports.ts";

const now = () => Date.now();
const documents = DynamoDBDocumentClient.from(new DynamoDBClient(), {
  marshallOptions: { removeUndefinedValues: true },
});
const slack = slackFromSecret(new SecretsManagerClient(), config.SLACK_BOT_SECRET_ARN, config.SLACK_API_URL);

export const deps: Ports = {
  store: pictureTable(documents, config.TABLE_NAME),
  messenger: slackMessenger(slack, now, {
    refused: (error) => logger.error("Slack refused a message for good", { error }),
    unusable(error) {
      logger.error("Slack takes nothing from us until somebody mends it", { error });
      count("SlackUnusable", {});
    },
  }),
  people: peopleFrom(directoryBucket(new S3Client(), config.DIRECTORY_BUCKET), now),
  channel: (place) => config.CHANNELS[place],
  holder: () => randomUUID(),
  now,
};

export const park = deadLetterQueue(new SQSClient(), config.DEAD_LETTER_QUEUE_URL);
