import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
  UpdateCommand,
  type UpdateCommandInput,
} from "@aws-sdk/lib-dynamodb";
import { DUE_SHARD } from "@sluice/doors";
import type { RequestId } from "@sluice/events";
import { type Fact, storedFact } from "@sluice/words/facts";
import type { PictureStore, Place, Shown, Told } from "../core/ports.ts";

/** How long one renderer may take before another may believe it dead. */
const LEASE_MS = 20_000;
/** When the sweep looks whether what was heard has been shown. */
const SHOWN_WITHIN_MS = 45_000;

const LEASE = { "#holder": "leaseHolder", "#until": "leaseUntil" };
/** Or is our own: the client tries a write again whose answer was lost, and it must not lose to itself. */
const LEASE_IS_FREE = "attribute_not_exists(#holder) OR #until < :now OR #holder = :holder";
const DUE = { "#due": "dueAt", "#shard": "dueShard" };

const pictureKey = (request: string) => ({ pk: request, sk: "picture" });
const toldKey = ({ request, to, kind }: Told) => ({ pk: request, sk: `told#${to.team}/${to.user}#${kind}` });

/** Facts as items of their own, merged by a condition on their rank; beside them one item that says what has been shown. */
export function pictureTable(client: DynamoDBDocumentClient, TableName: string): PictureStore {
  const update = (request: RequestId, change: Omit<UpdateCommandInput, "TableName" | "Key">) =>
    client.send(new UpdateCommand({ TableName, Key: pictureKey(request), ...change }));

  /** The item as the change left it, or nothing when its condition did not hold. */
  const changedTo = async (request: RequestId, change: Omit<UpdateCommandInput, "TableName" | "Key">) => {
    try {
      const { Attributes = {} } = await update(request, { ...change, ReturnValues: "ALL_NEW" });
      return shownIn(Attributes);
    } catch (cause) {
      if (isRefused(cause)) return undefined;
      throw cause;
    }
  };

  const takeLease = (request: RequestId, holder: string, at: number) =>
    changedTo(request, {
      UpdateExpression: "SET #holder = :holder, #until = :until",
      ConditionExpression: LEASE_IS_FREE,
      ExpressionAttributeNames: LEASE,
      ExpressionAttributeValues: { ":holder": holder, ":until": at + LEASE_MS, ":now": at },
    });

  return {
    async keep(fact) {
      await unlessRefused(
        client.send(
          new PutCommand({
            TableName,
            Item: { pk: fact.request, sk: `fact#${fact.key}`, rank: fact.rank, event: fact.id, fact },
            // `staysBefore` the other way round.
            ConditionExpression: "attribute_not_exists(#pk) OR #rank < :rank OR (#rank = :rank AND #event < :event)",
            ExpressionAttributeNames: { "#pk": "pk", "#rank": "rank", "#event": "event" },
            ExpressionAttributeValues: { ":rank": fact.rank, ":event": fact.id },
          }),
        ),
      );
    },

    async noteHeard(request, holder, at) {
      const heard = "ADD #changed :one SET #shard = :shard, #due = :due";
      const names = { ...DUE, "#changed": "changed" };
      const values = { ":one": 1, ":shard": DUE_SHARD, ":due": at + SHOWN_WITHIN_MS };
      const leased = await changedTo(request, {
        UpdateExpression: `${heard}, #holder = :holder, #until = :until`,
        ConditionExpression: LEASE_IS_FREE,
        ExpressionAttributeNames: { ...names, ...LEASE },
        ExpressionAttributeValues: { ...values, ":holder": holder, ":until": at + LEASE_MS, ":now": at },
      });
      if (leased) return leased;
      await update(request, {
        UpdateExpression: heard,
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: values,
      });
      return takeLease(request, holder, at); // Who had it may have given it back before they could see what we noted.
    },

    async facts(request) {
      const facts: Fact[] = [];
      const query = {
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :fact)",
        ExpressionAttributeNames: { "#pk": "pk", "#sk": "sk" },
        ExpressionAttributeValues: { ":pk": request, ":fact": "fact#" },
      };
      for await (const { Items = [] } of paginateQuery({ client }, query))
        facts.push(...Items.map(({ fact }) => storedFact(fact)));
      return facts;
    },

    takeLease,

    async notePlace(request, name, place) {
      await update(request, {
        UpdateExpression: "SET #place = :place",
        ExpressionAttributeNames: { "#place": `place:${name}` },
        ExpressionAttributeValues: { ":place": place },
      });
    },

    async release(request, holder, rendered, againAt) {
      const all = await unlessRefused(
        update(request, {
          UpdateExpression:
            againAt === undefined
              ? "SET #rendered = :rendered REMOVE #holder, #until, #due, #shard"
              : "SET #rendered = :rendered, #due = :due, #shard = :shard REMOVE #holder, #until",
          ConditionExpression: "#holder = :holder AND #changed <= :rendered",
          ExpressionAttributeNames: { ...LEASE, ...DUE, "#rendered": "rendered", "#changed": "changed" },
          ExpressionAttributeValues: {
            ":holder": holder,
            ":rendered": rendered,
            ...(againAt !== undefined && { ":due": againAt, ":shard": DUE_SHARD }),
          },
        }),
      );
      if (all) return true;
      await unlessRefused(
        update(request, {
          UpdateExpression: "SET #rendered = :rendered REMOVE #holder, #until",
          ConditionExpression: "#holder = :holder",
          ExpressionAttributeNames: { ...LEASE, "#rendered": "rendered" },
          ExpressionAttributeValues: { ":holder": holder, ":rendered": rendered },
        }),
      );
      return false;
    },

    async postpone(request, holder, againAt) {
      await unlessRefused(
        update(request, {
          UpdateExpression: "SET #due = :due, #shard = :shard REMOVE #holder, #until",
          ConditionExpression: "#holder = :holder",
          ExpressionAttributeNames: { ...LEASE, ...DUE },
          ExpressionAttributeValues: { ":holder": holder, ":due": againAt, ":shard": DUE_SHARD },
        }),
      );
    },

    async wasTold(answer) {
      const { Item } = await client.send(new GetCommand({ TableName, Key: toldKey(answer), ConsistentRead: true }));
      return Item?.event === answer.event;
    },
    async noteTold(answer) {
      await client.send(new PutCommand({ TableName, Item: { ...toldKey(answer), event: answer.event } }));
    },
  };
}

function shownIn(item: Record<string, unknown>): Shown {
  const { changed = 0, rendered = 0, dueAt } = item as Partial<Pick<Shown, "changed" | "rendered" | "dueAt">>;
  const places = Object.entries(item).flatMap(([name, place]) =>
    name.startsWith("place:") ? [[name.slice("place:".length), place as Place] as const] : [],
  );
  return { changed, rendered, places: Object.fromEntries(places), ...(dueAt !== undefined && { dueAt }) };
}

/** False when the condition did not hold: somebody else, or ourselves before, was first. */
async function unlessRefused(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (cause) {
    if (isRefused(cause)) return false;
    throw cause;
  }
}

const isRefused = (cause: unknown) => cause instanceof Error && cause.name === "ConditionalCheckFailedException";
