import { type DynamoDBDocumentClient, paginateQuery } from "@aws-sdk/lib-dynamodb";

/** The sparse index of every table: an item is in it while its `dueShard` and `dueAt` (milliseconds since 1970) are set. */
export const DUE_INDEX = "due";
export const DUE_SHARD = "all";

/** Items that are due by an index, the longest due first, page by page to the end. */
export async function* dueItems(
  client: DynamoDBDocumentClient,
  table: string,
  now: number,
): AsyncGenerator<readonly Record<string, unknown>[]> {
  const query = {
    TableName: table,
    IndexName: DUE_INDEX,
    KeyConditionExpression: "#shard = :shard AND #due <= :now",
    ExpressionAttributeNames: { "#shard": "dueShard", "#due": "dueAt" },
    ExpressionAttributeValues: { ":shard": DUE_SHARD, ":now": now },
  };
  for await (const { Items = [] } of paginateQuery({ client }, query)) yield Items;
}
