import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import {
  type DynamoDBDocumentClient,
  paginateQuery,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  type UpdateCommandInput,
} from "@aws-sdk/lib-dynamodb";
import type { PrincipalId } from "@sluice/events";
import type { HourlyUse, OpenUse } from "../core/quotas.ts";

export type Write = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

/** What somebody uses up lies under one key: the places of their open requests, and what is counted in an hour. */
const quotaPk = (principal: string) => `quota#${principal}`;
const SLOT_PREFIX = "open#";
const slotKey = (principal: string, slot: number) => ({
  pk: quotaPk(principal),
  sk: `${SLOT_PREFIX}${String(slot).padStart(6, "0")}`,
});

/** A counter is of no use after its hour; a clock may be wrong. */
const KEPT_FOR_HOURS = 3;

/** One more of this hour, while there is one. */
export function countUse(
  TableName: string,
  { by, of, hour, most }: HourlyUse,
): UpdateCommandInput & { UpdateExpression: string } {
  return {
    TableName,
    Key: { pk: quotaPk(by), sk: `${of}#${hour}` },
    UpdateExpression: "ADD #count :one SET expiresAt = :expiresAt",
    ConditionExpression: "attribute_not_exists(#count) OR #count < :most",
    ExpressionAttributeNames: { "#count": "count" },
    ExpressionAttributeValues: { ":one": 1, ":most": most, ":expiresAt": (hour + KEPT_FOR_HOURS) * 3_600 },
  };
}

/** Takes a place for a request, unless somebody else has taken it. */
export function takeSlot(TableName: string, principal: string, slot: number, request: string): Write {
  return {
    Put: {
      TableName,
      Item: { ...slotKey(principal, slot), request },
      ConditionExpression: "attribute_not_exists(#pk)",
      ExpressionAttributeNames: { "#pk": "pk" },
    },
  };
}

export function freeSlot(TableName: string, principal: string, slot: number): Write {
  return { Delete: { TableName, Key: slotKey(principal, slot) } };
}

/** A place that nobody has taken now; nothing when all are, or more of them than there are by now. */
export async function slotToTake(
  client: DynamoDBDocumentClient,
  TableName: string,
  { by, most }: OpenUse,
): Promise<number | undefined> {
  const taken = new Set((await quotaItems(client, TableName, by)).map(({ sk }) => sk).filter(isSlot));
  if (taken.size >= most) return undefined;
  return Array.from({ length: most }, (_, n) => n + 1).find((slot) => !taken.has(slotKey(by, slot).sk));
}

/** How many places a person has taken, and how many plans they have asked for in this hour. */
export async function usedBy(client: DynamoDBDocumentClient, TableName: string, person: PrincipalId, hour: number) {
  const items = await quotaItems(client, TableName, person);
  const { sk } = countUse(TableName, { by: person, of: "plans", hour, most: 0 }).Key as { sk: string };
  return {
    open: items.filter((item) => isSlot(item.sk)).length,
    plans: Number(items.find((item) => item.sk === sk)?.count ?? 0),
  };
}

const isSlot = (sk: unknown): boolean => String(sk).startsWith(SLOT_PREFIX);

/** A person has few: their open requests, and counters of the last hours. */
async function quotaItems(client: DynamoDBDocumentClient, TableName: string, principal: string) {
  const items: Record<string, unknown>[] = [];
  const query = {
    TableName,
    ConsistentRead: true,
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": quotaPk(principal) },
  };
  for await (const { Items = [] } of paginateQuery({ client }, query)) items.push(...Items);
  return items;
}

/** Writes all or nothing. Says which conditions did not hold; none of them when only somebody else was writing at the same time. */
export async function writeAll(
  client: DynamoDBDocumentClient,
  TransactItems: Write[],
): Promise<Readonly<{ done: boolean; failed: readonly boolean[] }>> {
  try {
    await client.send(new TransactWriteCommand({ TransactItems }));
    return { done: true, failed: [] };
  } catch (cause) {
    if (!(cause instanceof TransactionCanceledException)) throw cause;
    const codes = (cause.CancellationReasons ?? []).map(({ Code }) => Code);
    if (!codes.some((code) => code === "ConditionalCheckFailed" || code === "TransactionConflict")) throw cause;
    return { done: false, failed: codes.map((code) => code === "ConditionalCheckFailed") };
  }
}
