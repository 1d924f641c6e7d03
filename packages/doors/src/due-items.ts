import { type DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";

/** The sparse index of every table: an item is in it while its `dueShard` and `dueAt` (milliseconds since 1970) are set. */
export const DUE_INDEX = "due";
export const DUE_SHARD = "all";

/** Items that are due, at most `limit`, the longest due first. The rest is swept the next time. */
export async function dueItems(
  client: DynamoDBDocumentClient,
  table: string,
  now: number,
  limit = 200,
): Promise<readonly Record<string, unknown>[]> {
  const { Items } = await client.send(
    new QueryCommand({
      TableName: table,
      IndexName: DUE_INDEX,
      KeyConditionExpression: "#shard = :shard AND #due <= :now",
      ExpressionAttributeNames: { "#shard": "dueShard", "#due": "dueAt" },
      ExpressionAttributeValues: { ":shard": DUE_SHARD, ":now": now },
      Limit: limit,
    }),
  );
  return Items ?? [];
}
