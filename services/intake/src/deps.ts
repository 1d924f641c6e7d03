import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { directoryBucket } from "@sluice/directory";
import { deadLetterQueue, publisher } from "@sluice/doors";
import { requestTable } from "./adapters/request-table.ts";
import { config } from "./config.ts";
import type { Ports } from "./core/ports.ts";

const now = () => Date.now();
const documents = DynamoDBDocumentClient.from(new DynamoDBClient(), {
  marshallOptions: { removeUndefinedValues: true },
});
const readDirectory = directoryBucket(new S3Client(), config.DIRECTORY_BUCKET);

export const deps: Ports = {
  store: requestTable(documents, config.TABLE_NAME),
  directory: async () => (await readDirectory())?.directory,
  publish: publisher(new EventBridgeClient(), config.BUS_NAME, "intake", now),
  environments: config.ENVIRONMENTS,
  partners: config.PARTNERS,
  quotas: config.QUOTAS,
  code: config.CODE_RELEASE,
  now,
};

export const park = deadLetterQueue(new SQSClient(), config.DEAD_LETTER_QUEUE_URL);
