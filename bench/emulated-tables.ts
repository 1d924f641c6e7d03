import {
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  type KeySchemaElement,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { Cloud } from "../local/cloud/start-cloud.ts";
import type { Tables } from "./meter.ts";

/** The tables of Sluice's account, read as root: those calls are nobody's, so the front's counters pass over them. */
export function emulatedTables(asRoot: Cloud["asRoot"]): Tables {
  const dynamodb = new DynamoDBClient(asRoot);
  const described = new Map<string, ReturnType<typeof describe>>();

  async function describe(TableName: string) {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    const indexes = (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema, Projection }) => {
      if (Projection?.ProjectionType !== "ALL")
        throw new Error(`Nobody has said yet what ${IndexName} of ${TableName} consumes: it holds parts of items`);
      return { key: namesOf(KeySchema) };
    });
    return { key: namesOf(Table?.KeySchema), indexes };
  }

  return {
    describe(table) {
      const known = described.get(table) ?? describe(table);
      described.set(table, known);
      return known;
    },
    async item(TableName, Key) {
      return (await dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
    },
    async looksAt(body) {
      const { FilterExpression: _filter, ...query } = body as QueryCommandInput;
      return (await dynamodb.send(new QueryCommand(query))).Items ?? [];
    },
  };
}

const namesOf = (keys: readonly KeySchemaElement[] = []) => keys.map(({ AttributeName = "" }) => AttributeName);
