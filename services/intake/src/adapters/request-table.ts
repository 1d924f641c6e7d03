import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import type { RequestId } from "@sluice/events";
import { type Fact, storedFact } from "@sluice/words/facts";
import type { RequestStore } from "../core/ports.ts";
import { nothingUsed, Used } from "../core/quotas.ts";
import { FACT_PREFIX, factKey, inventoryKey, ownPk, quotaKey, recordKey, toItem, toRecord } from "./request-items.ts";

/** Intake's table: a record by its version, facts by their rank, what somebody has used up by its version. */
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
  const read = async (request: RequestId) =>
    toRecord((await client.send(new GetCommand({ TableName, Key: recordKey(request), ConsistentRead: true }))).Item);

  return {
    request: read,

    async putIfAbsent(record) {
      const { itinerary, request, askedAt } = record;
      // First, so that no request of theirs is missing from a person's list; it names one that does not exist for a moment at most.
      if (itinerary)
        await client.send(
          new PutCommand({
            TableName,
            Item: { pk: ownPk(itinerary.requester), sk: `${itinerary.askedAt}#${request}`, request, askedAt },
          }),
        );
      if (await put(toItem(record), "attribute_not_exists(#pk)", { "#pk": "pk" })) return record;
      const there = await read(request);
      if (!there) throw new Error(`${request} is there and cannot be read`);
      return there;
    },

    replace: (before, after) =>
      put(
        toItem({ ...after, version: before.version + 1 }),
        "#version = :before",
        { "#version": "version" },
        { ":before": before.version },
      ),

    async used(principal) {
      const { Item } = await client.send(new GetCommand({ TableName, Key: quotaKey(principal), ConsistentRead: true }));
      return Item ? Used.parse({ ...Item, principal }) : nothingUsed(principal);
    },

    replaceUsed: ({ version }, { principal, ...after }) =>
      put(
        { ...after, ...quotaKey(principal), version: version + 1 },
        version === 0 ? "attribute_not_exists(#version)" : "#version = :before",
        { "#version": "version" },
        version === 0 ? undefined : { ":before": version },
      ),

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
      const query = {
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :prefix)",
        ExpressionAttributeNames: { "#pk": "pk", "#sk": "sk" },
        ExpressionAttributeValues: { ":pk": request, ":prefix": FACT_PREFIX },
      };
      for await (const { Items = [] } of paginateQuery({ client }, query))
        facts.push(...Items.map(({ fact }) => storedFact(fact)));
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
