import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { expect, it } from "vitest";
import { dueItems } from "../src/index.ts";

it("reads what is due to its end, so that what came first and stays fills no page for ever", async () => {
  const from: unknown[] = [];
  const send = async (command: unknown) => {
    if (!(command instanceof QueryCommand)) throw new Error("The table was asked for something else");
    from.push(command.input.ExclusiveStartKey);
    const at = from.length;
    return { Items: [{ pk: `due-${at}` }], ...(at < 3 && { LastEvaluatedKey: { pk: `due-${at}` } }) };
  };
  const client = Object.assign(DynamoDBDocumentClient.from(new DynamoDBClient()), { send });
  const found: unknown[] = [];

  for await (const page of dueItems(client, "table", 1_000)) found.push(...page);

  expect(found).toEqual([{ pk: "due-1" }, { pk: "due-2" }, { pk: "due-3" }]);
  expect(from).toEqual([undefined, { pk: "due-1" }, { pk: "due-2" }]);
});
