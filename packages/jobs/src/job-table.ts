import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import type { Change, JobStore } from "./job-store.ts";
import { grantKey, requestKey, type TableKey, workspaceKey } from "./keys.ts";
import { RequestItem } from "./request-item.ts";
import { SpentGrant, Workspace } from "./workspace.ts";

/** The sparse index of every table; a sweep reads it. */
const DUE_SHARD = "all";

/**
 * A service's own table. Every change is conditional on the version that was read; several items change in one transaction.
 * Only attributes that changed are written, so that a build of an older release leaves alone what it does not know.
 */
export function jobTable(client: DynamoDBDocumentClient, TableName: string): JobStore {
  const read = async (Key: TableKey) =>
    (await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item;

  return {
    async request(environment, request) {
      const item = await read(requestKey(environment, request));
      return item && RequestItem.parse(item);
    },
    async workspace(environment, name) {
      const item = await read(workspaceKey(environment, name));
      return item && Workspace.parse(item);
    },
    async spentGrant(environment, jti) {
      const item = await read(grantKey(environment, jti));
      return item && SpentGrant.parse(item);
    },
    beside: read,
    async commit(changes) {
      try {
        await client.send(
          new TransactWriteCommand({ TransactItems: changes.map((change) => writeOf(TableName, change)) }),
        );
        return "done";
      } catch (cause) {
        if (isLostRace(cause)) return "lost";
        throw cause;
      }
    },
  };
}

function writeOf(TableName: string, change: Change) {
  switch (change.is) {
    case "request":
      return versioned(TableName, requestKey(change.after.environment, change.after.request), change);
    case "workspace":
      return versioned(TableName, workspaceKey(change.after.environment, change.after.name), change);
    case "grant":
      return putOnce(TableName, grantKey(change.spent.environment, change.spent.jti), change.spent);
    case "beside":
      return putOnce(TableName, change.key, change.value);
  }
}

function putOnce(TableName: string, key: TableKey, value: object) {
  return { Put: { TableName, Item: { ...value, ...key }, ConditionExpression: "attribute_not_exists(pk)" } };
}

type Versioned = Readonly<{ version: number; dueAt?: number | undefined; jobs?: Readonly<Record<string, unknown>> }>;

function versioned(
  TableName: string,
  key: TableKey,
  { before, after }: Readonly<{ before?: Versioned | undefined; after: Versioned }>,
) {
  if (!before) return putOnce(TableName, key, { ...after, ...due(after), version: 1 });
  const { jobs: jobsBefore = {}, ...plainBefore } = { ...before, ...due(before) };
  const { jobs: jobsAfter = {}, ...plainAfter } = { ...after, ...due(after), version: before.version + 1 };

  const update = new Update();
  update.difference([], plainBefore, plainAfter);
  update.difference(["jobs"], jobsBefore, jobsAfter);
  return {
    Update: {
      TableName,
      Key: key,
      ...update.expressions(),
      ConditionExpression: "#version = :seen",
      ExpressionAttributeNames: { ...update.names, "#version": "version" },
      ExpressionAttributeValues: { ...update.values, ":seen": before.version },
    },
  };
}

/** An item is in the sparse index only while both of its attributes are there. */
function due({ dueAt }: Versioned) {
  return dueAt === undefined ? {} : { dueShard: DUE_SHARD };
}

/** One UpdateExpression, made of the attributes that differ. */
class Update {
  readonly names: Record<string, string> = {};
  readonly values: Record<string, unknown> = {};
  readonly #set: string[] = [];
  readonly #remove: string[] = [];

  difference(
    path: readonly string[],
    before: Readonly<Record<string, unknown>>,
    after: Readonly<Record<string, unknown>>,
  ) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (before[name] === after[name]) continue;
      const target = [...path, name].map((part) => this.#name(part)).join(".");
      if (after[name] === undefined) this.#remove.push(target);
      else this.#set.push(`${target} = ${this.#value(after[name])}`);
    }
  }

  expressions() {
    const set = this.#set.length > 0 ? `SET ${this.#set.join(", ")}` : "";
    const remove = this.#remove.length > 0 ? `REMOVE ${this.#remove.join(", ")}` : "";
    return { UpdateExpression: [set, remove].filter(Boolean).join(" ") };
  }

  #name(part: string): string {
    const alias = `#n${Object.keys(this.names).length}`;
    this.names[alias] = part;
    return alias;
  }

  #value(value: unknown): string {
    const alias = `:v${Object.keys(this.values).length}`;
    this.values[alias] = value;
    return alias;
  }
}

function isLostRace(cause: unknown): boolean {
  return (
    cause instanceof TransactionCanceledException &&
    (cause.CancellationReasons ?? []).some(
      ({ Code }) => Code === "ConditionalCheckFailed" || Code === "TransactionConflict",
    )
  );
}
