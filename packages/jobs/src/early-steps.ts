import { type DynamoDBDocumentClient, PutCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import type { StepRequest } from "@sluice/steps";

/** Steps that cannot be performed yet: before their request's acceptance, or before what else their owner must know. */
export type EarlySteps = Readonly<{
  keep(event: StepRequest): Promise<void>;
  of(request: string): Promise<readonly StepRequest[]>;
}>;

const PREFIX = "early#";

/** Early steps, beside where the request's place will be. By event, so that one that says something else stands beside it. Who copies an id may publish as its source, and is found out by the slip's digest; intake asks again. */
export function earlySteps(client: DynamoDBDocumentClient, TableName: string): EarlySteps {
  return {
    async keep({ type, metadata, data }) {
      const Item = { pk: data.request, sk: `${PREFIX}${metadata.id}`, event: { type, metadata, data } };
      await client.send(new PutCommand({ TableName, Item }));
    },
    async of(request) {
      const found: StepRequest[] = [];
      const query = {
        TableName,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :early)",
        ExpressionAttributeValues: { ":pk": request, ":early": PREFIX },
        ConsistentRead: true,
      };
      for await (const { Items = [] } of paginateQuery({ client }, query))
        found.push(...Items.map((item) => item.event as StepRequest));
      return found;
    },
  };
}
