import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { directoryBucket } from "@sluice/directory";
import { deadLetterQueue, publisher } from "@sluice/doors";
import { approvalTable } from "./adapters/approval-table.ts";
import { grantKey } from "./adapters/grant-key.ts";
import { judging } from "./adapters/judging.ts";
import { config } from "./config.ts";
import type { Ports } from "./core/ports.ts";

const now = () => Date.now();
const documents = DynamoDBDocumentClient.from(new DynamoDBClient(), {
  marshallOptions: { removeUndefinedValues: true },
});

export const deps: Ports = {
  store: approvalTable(documents, config.TABLE_NAME),
  directory: judging(directoryBucket(new S3Client(), config.DIRECTORY_BUCKET)),
  signer: grantKey(new KMSClient(), config.GRANT_KEY_ARN),
  publish: publisher(new EventBridgeClient(), config.BUS_NAME, "approvals", now),
  now,
};

export const park = deadLetterQueue(new SQSClient(), config.DEAD_LETTER_QUEUE_URL);
