import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { catalogue, type EventDefinition, RequestProposed } from "@sluice/events";
import { digestOf } from "@sluice/steps";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { on, onMessage, onProposal } from "../src/index.ts";
import { envelope, queueOf } from "./factories.ts";
import { hostileJson, hostileVersionOf, lists, maps } from "./hostile.ts";

const definitions = [...catalogue.values()];

/** A table that takes whatever the SDK can write down: it answers without a wire. */
const documents = DynamoDBDocumentClient.from(
  new DynamoDBClient({
    region: "eu-west-1",
    credentials: { accessKeyId: "x", secretAccessKey: "x" },
    requestHandler: { handle: async () => ({ response: { statusCode: 200, headers: {}, body: new Uint8Array() } }) },
  }),
  { marshallOptions: { removeUndefinedValues: true } },
);

/** What services do with what they hear: digest it, keep it, say it again. */
async function workWith({ data }: { data: unknown }): Promise<void> {
  const digest = digestOf(data);
  await documents.send(new PutCommand({ TableName: "t", Item: { pk: "p", data } }));
  if (digestOf(JSON.parse(JSON.stringify(data))) !== digest) throw new Error("It is said again as something else");
}

const all = definitions.map((definition) =>
  definition.type === "request.proposed.v1"
    ? onProposal(definition, workWith, ({ proposal }) => workWith({ data: proposal }))
    : on(definition, workWith),
);
const queue = () => queueOf([...all, onMessage("gate.due", z.looseObject({}), (rest) => workWith({ data: rest }))]);

/** A message with `text` in the place of its detail, or of the detail's data. */
const message = (definition: Pick<EventDefinition, "type" | "sources" | "example">, text: string, change = {}) => {
  const { detail, ...around } = envelope(definition, change);
  return `${JSON.stringify({ ...around, ...change }).slice(0, -1)},"detail":{"metadata":${JSON.stringify(detail.metadata)},"data":${text}}}`;
};

describe("hostile data in a good envelope", () => {
  it.each([
    ["lists", lists(5_000)],
    ["maps", maps(1_300)],
  ])("is parked at once as too deep when its parameters are nested: %s", async (_what, deep) => {
    const { deliver, parked } = queue();
    const data = JSON.stringify(RequestProposed.example).replace('"smoke"', deep);

    const back = await deliver(message(RequestProposed, data), message(RequestProposed, data, { source: "partner.x" }));

    expect(back).toEqual([]);
    expect(parked.map(({ code }) => code)).toEqual(["too_deep", "too_deep"]);
  });

  it("is handled or parked, and never tried again, whatever it is", async () => {
    const anyMessage = fc.constantFrom(...definitions).chain((definition) =>
      fc.oneof(
        hostileVersionOf(definition.example).map((text) => message(definition, text)),
        hostileVersionOf(envelope(definition)),
        hostileVersionOf({ message: "gate.due", gate: { request: "req_7k3m9qx2" } }),
        hostileJson,
      ),
    );

    await fc.assert(
      fc.asyncProperty(anyMessage, async (text) => {
        expect(await queue().deliver(text)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});
