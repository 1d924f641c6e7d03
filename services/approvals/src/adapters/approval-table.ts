import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import type { Slip } from "@sluice/events";
import type { StepRequest } from "@sluice/steps";
import type { Gate } from "../core/gate.ts";
import type { ApprovalStore, PlanCopy, Standing } from "../core/ports.ts";
import { earlyKey, gateKey, grantKey, planKey, requestKey, slipKey, toGate, toItem } from "./gate-items.ts";

type Key = Record<string, string>;

/** The approvals' table. Every change of a gate is conditional on its `version`, and on the request's not having ended. */
export function approvalTable(client: DynamoDBDocumentClient, TableName: string): ApprovalStore {
  const read = async (Key: Key) => (await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item;
  const below = async (pk: string, prefix: string) => {
    const items: Record<string, unknown>[] = [];
    const query = {
      TableName,
      ConsistentRead: true,
      KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :prefix)",
      ExpressionAttributeNames: { "#pk": "pk", "#sk": "sk" },
      ExpressionAttributeValues: { ":pk": pk, ":prefix": prefix },
    };
    for await (const { Items = [] } of paginateQuery({ client }, query)) items.push(...Items);
    return items;
  };

  const putOnce = async (item: Record<string, unknown>) => {
    try {
      await client.send(
        new PutCommand({
          TableName,
          Item: item,
          ConditionExpression: "attribute_not_exists(#pk)",
          ExpressionAttributeNames: { "#pk": "pk" },
        }),
      );
    } catch (cause) {
      if (!isNamed(cause, "ConditionalCheckFailedException")) throw cause; // It is there already, and that is what was wanted.
    }
  };

  /** Stores a gate, and its grant if it has one, unless the request has ended. Says false when a condition did not hold. */
  const store = async (gate: Gate, condition: string, names: Key, values: Record<string, unknown>, grant?: string) => {
    const writes = [
      {
        Put: {
          TableName,
          Item: toItem(gate),
          ConditionExpression: condition,
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: values,
        },
      },
      {
        ConditionCheck: {
          TableName,
          Key: requestKey(gate.ref.request),
          ConditionExpression: "attribute_exists(#digest) AND attribute_not_exists(#closed)",
          ExpressionAttributeNames: { "#digest": "digest", "#closed": "closed" },
        },
      },
      ...(grant
        ? [
            {
              Put: {
                TableName,
                Item: { ...grantKey(gate.ref), jws: grant },
                ConditionExpression: "attribute_not_exists(#pk)",
                ExpressionAttributeNames: { "#pk": "pk" },
              },
            },
          ]
        : []),
    ];
    try {
      await client.send(new TransactWriteCommand({ TransactItems: writes }));
      return true;
    } catch (cause) {
      if (isLostRace(cause)) return false;
      throw cause;
    }
  };

  return {
    async standing(request) {
      const item = await read(requestKey(request));
      if (!item?.digest) return undefined;
      return { digest: item.digest, askedBy: item.askedBy, closed: item.closed === true } as Standing;
    },

    async keepAcceptance({ data: { itinerary, digest } }) {
      const askedBy = [itinerary.requester, ...(itinerary.onBehalfOf ? [itinerary.onBehalfOf] : [])];
      await client.send(
        new UpdateCommand({
          TableName,
          Key: requestKey(itinerary.request),
          UpdateExpression:
            "SET #digest = if_not_exists(#digest, :digest), #askedBy = if_not_exists(#askedBy, :askedBy)",
          ExpressionAttributeNames: { "#digest": "digest", "#askedBy": "askedBy" },
          ExpressionAttributeValues: { ":digest": digest, ":askedBy": askedBy },
        }),
      );
    },

    async close(request) {
      await client.send(
        new UpdateCommand({
          TableName,
          Key: requestKey(request),
          UpdateExpression: "SET #closed = :yes",
          ExpressionAttributeNames: { "#closed": "closed" },
          ExpressionAttributeValues: { ":yes": true },
        }),
      );
      for (const item of await below(request, "gate#")) await closeGate(toGate(item));
    },

    keepEarly: (event) => putOnce({ ...earlyKey(event.data.request, event.metadata.id), event }),
    early: async (request) => (await below(request, "early#")).map((item) => item.event as StepRequest),
    keepSlip: (ref, slip) => putOnce({ ...slipKey(ref), slip }),
    slipOf: async (ref) => (await read(slipKey(ref)))?.slip as Slip | undefined,

    keepPlan: (copy) => putOnce({ ...planKey(copy.request, copy.step, copy.attempt), output: copy.output }),
    planOf: async (request, step, attempt) =>
      (await read(planKey(request, step, attempt)))?.output as PlanCopy["output"] | undefined,

    gate: async (ref) => toGate(await read(gateKey(ref))),
    open: (gate, grant) =>
      store(
        gate,
        "attribute_not_exists(#pk) OR #attempt < :attempt",
        { "#pk": "pk", "#attempt": "attempt" },
        { ":attempt": gate.ref.attempt },
        grant,
      ),
    replace: (before, after, grant) =>
      store(
        { ...after, version: before.version + 1 },
        "#attempt = :attempt AND #version = :before",
        { "#attempt": "attempt", "#version": "version" },
        { ":attempt": before.ref.attempt, ":before": before.version },
        grant,
      ),
    grantOf: async (ref) => (await read(grantKey(ref)))?.jws as string | undefined,
  };

  /** Ends, because a gate that changed meanwhile either is not open any more or cannot change again: its request is closed. */
  async function closeGate(gate: Gate | undefined): Promise<void> {
    if (gate?.status !== "open") return;
    try {
      await client.send(
        new PutCommand({
          TableName,
          Item: toItem({ ...gate, status: "closed", version: gate.version + 1 }),
          ConditionExpression: "#attempt = :attempt AND #version = :before",
          ExpressionAttributeNames: { "#attempt": "attempt", "#version": "version" },
          ExpressionAttributeValues: { ":attempt": gate.ref.attempt, ":before": gate.version },
        }),
      );
    } catch (cause) {
      if (!isNamed(cause, "ConditionalCheckFailedException")) throw cause;
      await closeGate(toGate(await read(gateKey(gate.ref))));
    }
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

function isNamed(cause: unknown, name: string): boolean {
  return cause instanceof Error && cause.name === name;
}
