import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Cloud, startCloud } from "../../../../local/account/test/cloud.ts";
import { earlySteps } from "../../src/adapters/early-steps.ts";
import type { EarlySteps } from "../../src/core/ports.ts";
import { eventId, request, scanRequested } from "../factories.ts";

let cloud: Cloud;
let early: EarlySteps;

beforeAll(async () => {
  cloud = await startCloud();
  const client = new DynamoDBClient(cloud.root);
  await client.send(
    new CreateTableCommand({
      TableName: "compliance",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
    }),
  );
  early = earlySteps(DynamoDBDocumentClient.from(client), "compliance");
});
afterAll(() => cloud?.stop());

it("gives back what came too early, each event once and whole", async () => {
  const [one, other] = [scanRequested({}, eventId(1)), scanRequested({ attempt: 2 }, eventId(2))];

  for (const event of [one, other, one]) await early.keep(event);

  expect(await early.of(request)).toEqual([one, other]);
  expect(await early.of("req_00000000")).toEqual([]);
});
