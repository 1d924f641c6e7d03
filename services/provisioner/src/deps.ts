import { CodeBuildClient } from "@aws-sdk/client-codebuild";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { directoryBucket } from "@sluice/directory";
import { deadLetterQueue, ownQueue, publisher } from "@sluice/doors";
import { builds, documentsOf, earlySteps, jobObjects, jobTable } from "@sluice/jobs";
import { count, countSuspicion } from "@sluice/telemetry";
import { grantKey } from "./adapters/grant-key.ts";
import { config } from "./config.ts";
import { countingContradictions } from "./core/contradictions.ts";
import type { Ports } from "./core/ports.ts";

const table = documentsOf(new DynamoDBClient());
const objects = new S3Client();
const queue = new SQSClient();
const now = () => Date.now();

/** The service's ports, made once in a worker's life. */
export const deps: Ports = {
  store: jobTable(table, { own: config.TABLE_NAME, builds: config.BUILDS_TABLE_NAME }),
  early: earlySteps(table, config.TABLE_NAME),
  builds: builds(new CodeBuildClient(), config.STAGE),
  objects: jobObjects(objects, config.JOBS_BUCKET),
  grantKey: grantKey(new KMSClient(), config.GRANT_KEY_ARN),
  directory: directoryBucket(objects, config.DIRECTORY_BUCKET),
  environments: config.ENVIRONMENTS,
  hosts: config.HOSTS,
  suspect: countSuspicion,
  publish: countingContradictions(publisher(new EventBridgeClient(), config.BUS_NAME, "provisioner", now), () =>
    count("PlanContradicted", {}),
  ),
  wake: ownQueue(queue, config.QUEUE_URL),
  now,
};

export const park = deadLetterQueue(queue, config.DEAD_LETTER_QUEUE_URL);
