import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { ownQueue, sweep } from "@sluice/doors";
import * as z from "zod";
import { dueWakes } from "../adapters/due-wakes.ts";

const config = z.object({ TABLE_NAME: z.string().min(1), QUEUE_URL: z.url() }).parse(process.env);
const documents = DynamoDBDocumentClient.from(new DynamoDBClient());

/** Requests whose jobs have been silent, and holders that have not claimed. */
export const handler = sweep({
  now: () => Date.now(),
  due: dueWakes(documents, config.TABLE_NAME),
  send: ownQueue(new SQSClient(), config.QUEUE_URL),
});
