import { CodeBuildClient } from "@aws-sdk/client-codebuild";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { deadLetterQueue, ownQueue, publisher } from "@sluice/doors";
import { builds, documentsOf, earlySteps, jobObjects, jobTable } from "@sluice/jobs";
import { countSuspicion } from "@sluice/telemetry";
import { config } from "./config.ts";
import type { Ports } from "./core/ports.ts";

const table = documentsOf(new DynamoDBClient());
const queue = new SQSClient();
const now = () => Date.now();

/** The service's ports, made once in a worker's life. */
export const deps: Ports = {
  store: jobTable(table, { own: config.TABLE_NAME, builds: config.BUILDS_TABLE_NAME }),
  early: earlySteps(table, config.TABLE_NAME),
  builds: builds(new CodeBuildClient(), config.STAGE),
  objects: jobObjects(new S3Client(), config.JOBS_BUCKET),
  hosts: config.HOSTS,
  suspect: countSuspicion,
  publish: publisher(new EventBridgeClient(), config.BUS_NAME, "compliance", now),
  wake: ownQueue(queue, config.QUEUE_URL),
  now,
};

export const park = deadLetterQueue(queue, config.DEAD_LETTER_QUEUE_URL);
