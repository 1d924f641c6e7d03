import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { dueItems, ownQueue, sweep } from "@sluice/doors";
import * as z from "zod";
import { dueRequest } from "../adapters/due-request.ts";

const config = z.object({ TABLE_NAME: z.string().min(1), QUEUE_URL: z.url() }).parse(process.env);
const documents = DynamoDBDocumentClient.from(new DynamoDBClient());

/** Requests that are to be looked at: an owner may be silent, or nobody went on in time. */
export const handler = sweep({
  now: () => Date.now(),
  due: (now) => dueItems(documents, config.TABLE_NAME, now),
  wakeOf: dueRequest,
  send: ownQueue(new SQSClient(), config.QUEUE_URL),
});
