import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactionConflictException,
} from "@aws-sdk/client-dynamodb";
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  type PutCommandInput,
  TransactWriteCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from "@aws-sdk/lib-dynamodb";
import { JobItem } from "./job-item.ts";
import type { BuildChange, BuildStore, Change, JobStore } from "./job-store.ts";
import { grantKey, jobItemKey, requestKey, type TableKey, workspaceKey } from "./keys.ts";
import { RequestItem } from "./request-item.ts";
import { UpdateExpression } from "./update-expression.ts";
import { SpentGrant, Workspace } from "./workspace.ts";

/** The sparse index of every service's own table; a sweep reads it. The builds' table has none, so nothing that a build writes can be due. */
const DUE_SHARD = "all";

/** An owner's tables by name: its own, and the one in which all lies that its builds may write. */
export type TableNames = Readonly<{ own: string; builds: string }>;

/**
 * An owner's two tables. Every change is conditional on the version that was read; several items change in one transaction.
 * A job's item is written whole: what else a build has put there goes.
 */
export function jobTable(client: DynamoDBDocumentClient, { own, builds }: TableNames): JobStore {
  const { request, beside } = ownItems(client, own);
  const { job, workspace, spentGrant } = buildItems(client, builds);
  const writeOf = (change: Change): Write => {
    if (change.is === "request")
      return versioned(own, requestKey(change.after.environment, change.after.request), change);
    if (change.is === "beside") return putOnce(own, change.key, change.value);
    return change.is === "job" ? wholeJob(builds, change) : buildWrite(builds, change);
  };
  return {
    request,
    beside,
    job,
    workspace,
    spentGrant,
    commit: (changes) => commit(client, changes.map(writeOf)),
  };
}

/** The builds' table, as a build may use it. It never puts a job's item, and writes only attributes that changed: what an older release does not know of stays. */
export function buildTable(client: DynamoDBDocumentClient, builds: string): BuildStore {
  return {
    ...buildItems(client, builds),
    commit: (changes) =>
      commit(
        client,
        changes.map((change) => buildWrite(builds, change)),
      ),
  };
}

function buildWrite(table: string, change: BuildChange): Write {
  switch (change.is) {
    case "job":
      return versioned(table, jobItemKey(change.after), change);
    case "workspace":
      return versioned(table, workspaceKey(change.after.environment, change.after.name), change);
    case "grant":
      return putOnce(table, grantKey(change.spent.environment, change.spent.jti), change.spent);
  }
}

function ownItems(client: DynamoDBDocumentClient, table: string): Pick<JobStore, "request" | "beside"> {
  const read = reader(client, table);
  return {
    async request(environment, request) {
      const item = await read(requestKey(environment, request));
      return item && RequestItem.parse(item);
    },
    beside: read,
  };
}

function buildItems(client: DynamoDBDocumentClient, table: string): Omit<BuildStore, "commit"> {
  const read = reader(client, table);
  return {
    async job(ref) {
      return JobItem.safeParse({ ...(await read(jobItemKey(ref))), ...ref }).data;
    },
    async workspace(environment, name) {
      const item = await read(workspaceKey(environment, name));
      return item && Workspace.parse(item);
    },
    async spentGrant(environment, jti) {
      const item = await read(grantKey(environment, jti));
      return item && SpentGrant.parse(item);
    },
  };
}

function reader(client: DynamoDBDocumentClient, TableName: string) {
  return async (Key: TableKey) => (await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item;
}

type Write = Readonly<
  { Put: PutCommandInput } | { Update: Required<Pick<UpdateCommandInput, "UpdateExpression">> & UpdateCommandInput }
>;

/** One item is written by itself, which costs half of what it does in a transaction. */
async function commit(client: DynamoDBDocumentClient, writes: readonly Write[]): Promise<"done" | "lost"> {
  const [first, ...more] = writes;
  try {
    if (!first) return "done";
    if (more.length > 0) await client.send(new TransactWriteCommand({ TransactItems: [...writes] }));
    else if ("Put" in first) await client.send(new PutCommand(first.Put));
    else await client.send(new UpdateCommand(first.Update));
    return "done";
  } catch (cause) {
    if (isLostRace(cause)) return "lost";
    throw cause;
  }
}

function wholeJob(TableName: string, { before, after }: Extract<Change, { is: "job" }>): Write {
  const Item = { ...after, version: (before?.version ?? 0) + 1, ...jobItemKey(after) };
  if (!before) return { Put: { TableName, Item } };
  return {
    Put: {
      TableName,
      Item,
      ConditionExpression: "#version = :seen",
      ExpressionAttributeNames: { "#version": "version" },
      ExpressionAttributeValues: { ":seen": before.version },
    },
  };
}

function putOnce(TableName: string, key: TableKey, value: object): Write {
  return { Put: { TableName, Item: { ...value, ...key }, ConditionExpression: "attribute_not_exists(pk)" } };
}

type Versioned = Readonly<{ version: number; dueAt?: number | undefined; jobs?: Readonly<Record<string, unknown>> }>;

function versioned(
  TableName: string,
  key: TableKey,
  { before, after }: Readonly<{ before?: Versioned | undefined; after: Versioned }>,
): Write {
  if (!before) return putOnce(TableName, key, { ...after, ...due(after), version: 1 });
  const { jobs: jobsBefore = {}, ...plainBefore } = { ...before, ...due(before) };
  const { jobs: jobsAfter = {}, ...plainAfter } = { ...after, ...due(after), version: before.version + 1 };

  const update = new UpdateExpression();
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

function isLostRace(cause: unknown): boolean {
  if (cause instanceof ConditionalCheckFailedException || cause instanceof TransactionConflictException) return true;
  return (
    cause instanceof TransactionCanceledException &&
    (cause.CancellationReasons ?? []).some(
      ({ Code }) => Code === "ConditionalCheckFailed" || Code === "TransactionConflict",
    )
  );
}
