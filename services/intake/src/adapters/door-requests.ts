import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, paginateQuery, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { PrincipalId } from "@sluice/events";
import type { Entry } from "../core/inventory.ts";
import type { OwnRequest } from "../core/ports.ts";
import type { Requests } from "../door/ports.ts";
import { inventoryPk, ownPk } from "./request-items.ts";
import { requestTable } from "./request-table.ts";

/** Intake's table as the door sees it: it reads requests and changes none. */
export function doorRequests(client: DynamoDBClient, TableName: string): Requests {
  const documents = DynamoDBDocumentClient.from(client);
  const { request, facts, used } = requestTable(documents, TableName);
  return {
    request,
    facts,
    used,
    async own(requester: PrincipalId, most: number) {
      const { Items } = await documents.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: "#pk = :pk",
          ExpressionAttributeNames: { "#pk": "pk" },
          ExpressionAttributeValues: { ":pk": ownPk(requester) },
          ScanIndexForward: false,
          Limit: most,
        }),
      );
      return (Items ?? []).map(({ request, askedAt }) => ({ request, askedAt }) as OwnRequest);
    },
    async inventory(environment: string) {
      const entries: Entry[] = [];
      const pages = paginateQuery(
        { client: documents },
        {
          TableName,
          KeyConditionExpression: "#pk = :pk",
          FilterExpression: "attribute_exists(since)", // What was removed stays with its epoch alone.
          ExpressionAttributeNames: { "#pk": "pk" },
          ExpressionAttributeValues: { ":pk": inventoryPk(environment) },
        },
      );
      for await (const { Items } of pages)
        for (const { pk: _pk, sk, epoch: _epoch, ...facts } of Items ?? [])
          entries.push({ ...facts, environment, workspace: sk } as Entry);
      return entries;
    },
  };
}
