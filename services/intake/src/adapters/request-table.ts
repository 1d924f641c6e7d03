import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import type { RequestId } from "@sluice/events";
import type { Fact } from "../core/facts.ts";
import type { RequestStore } from "../core/ports.ts";
import type { RequestRecord } from "../core/record.ts";
import { countUse, freeSlot, slotToTake, takeSlot, writeAll } from "./quota-writes.ts";
import { FACT_PREFIX, factKey, inventoryKey, ownPk, recordKey, toItem, toRecord } from "./request-items.ts";

const ABSENT = "attribute_not_exists(#pk)";

/** Intake's table: a record by its version, facts by their rank. */
export function requestTable(client: DynamoDBDocumentClient, TableName: string): RequestStore {
  const put = (
    Item: Record<string, unknown>,
    condition: string,
    names: Record<string, string>,
    values?: Record<string, unknown>,
  ) =>
    unlessRefused(
      client.send(
        new PutCommand({
          TableName,
          Item,
          ConditionExpression: condition,
          ExpressionAttributeNames: names,
          ...(values && { ExpressionAttributeValues: values }),
        }),
      ),
    );
  const putNext = (before: RequestRecord, after: RequestRecord) => ({
    TableName,
    Item: toItem({ ...after, version: before.version + 1 }),
    ConditionExpression: "#version = :before",
    ExpressionAttributeNames: { "#version": "version" },
    ExpressionAttributeValues: { ":before": before.version },
  });
  /** A person's list names their requests from the beginning. */
  const ownEntry = ({ itinerary, request, askedAt }: RequestRecord) => {
    if (!itinerary) return [];
    const Item = { pk: ownPk(itinerary.requester), sk: `${itinerary.askedAt}#${request}`, request, askedAt };
    return [{ Put: { TableName, Item } }];
  };
  const read = async (request: RequestId) =>
    toRecord((await client.send(new GetCommand({ TableName, Key: recordKey(request), ConsistentRead: true }))).Item);

  return {
    request: read,

    async putIfAbsent(record, uses = []) {
      const open = uses.find((use) => use.of === "open");
      const hourly = uses.filter((use) => use.of !== "open");
      for (;;) {
        const there = await read(record.request);
        if (there) return there;
        const slot = open && (await slotToTake(client, TableName, open));
        if (open && !slot) return { usedUp: open.of };

        const made = slot ? { ...record, slot } : record;
        const { done, failed } = await writeAll(client, [
          ...hourly.map((use) => ({ Update: countUse(TableName, use) })),
          {
            Put: {
              TableName,
              Item: toItem(made),
              ConditionExpression: ABSENT,
              ExpressionAttributeNames: { "#pk": "pk" },
            },
          },
          ...(open && slot ? [takeSlot(TableName, open.by, slot, record.request)] : []),
          ...ownEntry(record),
        ]);
        if (done) return made;
        const full = hourly.find((_, at) => failed[at]);
        if (full) return (await read(record.request)) ?? { usedUp: full.of };
        // Ends: either it is there by now, or somebody took that place.
      }
    },

    async replace(before, after) {
      const next = putNext(before, after);
      const { itinerary, slot } = before;
      if (before.end || !after.end || !itinerary || !slot) return unlessRefused(client.send(new PutCommand(next)));
      return (await writeAll(client, [{ Put: next }, freeSlot(TableName, itinerary.requester, slot)])).done;
    },

    async replaceUsing(before, after, use) {
      const writes = [{ Put: putNext(before, after) }, { Update: countUse(TableName, use) }];
      const { done, failed } = await writeAll(client, writes);
      if (done) return "stored";
      return failed[1] ? "used_up" : "lost";
    },

    use: (one) => unlessRefused(client.send(new UpdateCommand(countUse(TableName, one)))),

    async keep(fact) {
      await put(
        { ...factKey(fact), rank: fact.rank, fact },
        "attribute_not_exists(#pk) OR #rank < :rank",
        { "#pk": "pk", "#rank": "rank" },
        { ":rank": fact.rank },
      );
    },

    async keepInventory({ entry, epoch, removed }) {
      const { environment, workspace, since, owner, ...facts } = entry;
      const change = removed
        ? "SET epoch = :epoch, #request = :request REMOVE since, #owner"
        : "SET epoch = :epoch, #request = :request, blueprint = :blueprint, subject = :subject, since = if_not_exists(since, :since), #owner = if_not_exists(#owner, :owner)";
      const { request, ...made } = { ...facts, since, owner };
      await unlessRefused(
        client.send(
          new UpdateCommand({
            TableName,
            Key: inventoryKey(environment, workspace),
            UpdateExpression: change,
            ConditionExpression: "attribute_not_exists(epoch) OR epoch < :epoch",
            ExpressionAttributeNames: { "#request": "request", "#owner": "owner" },
            ExpressionAttributeValues: {
              ":epoch": epoch,
              ":request": request,
              ...(!removed && Object.fromEntries(Object.entries(made).map(([name, value]) => [`:${name}`, value]))),
            },
          }),
        ),
      );
    },

    async facts(request) {
      const facts: Fact[] = [];
      let from: Record<string, unknown> | undefined;
      do {
        const { Items, LastEvaluatedKey } = await client.send(
          new QueryCommand({
            TableName,
            ConsistentRead: true,
            KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :prefix)",
            ExpressionAttributeNames: { "#pk": "pk", "#sk": "sk" },
            ExpressionAttributeValues: { ":pk": request, ":prefix": FACT_PREFIX },
            ...(from && { ExclusiveStartKey: from }),
          }),
        );
        facts.push(...(Items ?? []).map((item) => item.fact as Fact));
        from = LastEvaluatedKey;
      } while (from);
      return facts;
    },
  };
}

/** False when the condition did not hold: somebody else, or ourselves before, was first. */
async function unlessRefused(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (cause) {
    if (cause instanceof Error && cause.name === "ConditionalCheckFailedException") return false;
    throw cause;
  }
}
