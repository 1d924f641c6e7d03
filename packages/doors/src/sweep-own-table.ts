import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { dueItems } from "./due-items.ts";
import { ownQueue } from "./own-queue.ts";
import { sweep, type WakeOf } from "./sweep.ts";

const Config = z.object({ TABLE_NAME: z.string().min(1), QUEUE_URL: z.url() });

/**
 * The sweep of a service's own table into its own queue, with the clients for both. It reads two variables and not the service's config: its function may do
 * less than the service's others and is told less. The package's index does not have it, because nothing there makes a client.
 *
 * @throws when a variable is missing or wrong, by its name
 */
export function sweepOwnTable(wakeOf: WakeOf, env: NodeJS.ProcessEnv = process.env) {
  const { TABLE_NAME, QUEUE_URL } = Config.parse(env);
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient());
  return sweep({
    now: () => Date.now(),
    due: (now) => dueItems(documents, TABLE_NAME, now),
    wakeOf,
    send: ownQueue(new SQSClient(), QUEUE_URL),
  });
}
