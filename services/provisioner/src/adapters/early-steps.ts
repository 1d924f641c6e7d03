import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { StepRequest } from "@sluice/steps";
import type { EarlySteps } from "../core/ports.ts";

const PREFIX = "early#";

/** Steps that came before their acceptance, beside where the request's place will be. By event, so that a forged one never stands in the real one's place. */
export function earlySteps(client: DynamoDBDocumentClient, TableName: string): EarlySteps {
  return {
    async keep(event) {
      const Item = { pk: event.data.request, sk: `${PREFIX}${event.metadata.id}`, event };
      await client.send(new PutCommand({ TableName, Item }));
    },
    async of(request) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: "pk = :pk AND begins_with(sk, :early)",
          ExpressionAttributeValues: { ":pk": request, ":early": PREFIX },
          ConsistentRead: true,
        }),
      );
      return Items.map((item) => item.event as StepRequest);
    },
  };
}
