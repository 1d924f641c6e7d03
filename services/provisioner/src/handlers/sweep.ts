import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { dueItems, ownQueue, sweep } from "@sluice/doors";
import * as z from "zod";
import { dueRequest } from "../adapters/due-request.ts";

// The sweep's function may do less than the others and is told less: it composes itself.
const config = z.object({ TABLE_NAME: z.string().min(1), QUEUE_URL: z.url() }).parse(process.env);

const documents = DynamoDBDocumentClient.from(new DynamoDBClient());

/** Jobs that nobody has heard of for a while, and requests that were handed their workspace and have not begun. */
export const handler = sweep({
  now: () => Date.now(),
  due: (now) => dueItems(documents, config.TABLE_NAME, now),
  wakeOf: dueRequest,
  send: ownQueue(new SQSClient(), config.QUEUE_URL),
});
