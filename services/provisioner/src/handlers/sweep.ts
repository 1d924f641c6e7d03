import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { ownQueue, sweep } from "@sluice/doors";
import * as z from "zod";
import { dueWakes } from "../adapters/due-wakes.ts";

// The sweep's function may do less than the others and is told less: it composes itself.
const config = z.object({ TABLE_NAME: z.string().min(1), QUEUE_URL: z.url() }).parse(process.env);

/** Jobs that nobody has heard of for a while, and holders of a workspace that have not begun. */
export const handler = sweep({
  now: () => Date.now(),
  due: dueWakes(DynamoDBDocumentClient.from(new DynamoDBClient()), config.TABLE_NAME),
  send: ownQueue(new SQSClient(), config.QUEUE_URL),
});
