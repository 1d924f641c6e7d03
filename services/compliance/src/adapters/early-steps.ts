import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { StepRequest } from "@sluice/steps";
import type { EarlySteps } from "../core/ports.ts";

const PREFIX = "early#";

/** Steps that came too early, beside where the request's place will be. By event, so that a forged one never stands in the real one's place. */
export function earlySteps(client: DynamoDBDocumentClient, TableName: string): EarlySteps {
  return {
    async keep({ type, metadata, data }) {
      const Item = { pk: data.request, sk: `${PREFIX}${metadata.id}`, event: { type, metadata, data } };
      await client.send(new PutCommand({ TableName, Item }));
    },
    async of(request) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :early)",
          ExpressionAttributeNames: { "#pk": "pk", "#sk": "sk" },
          ExpressionAttributeValues: { ":pk": request, ":early": PREFIX },
          ConsistentRead: true,
        }),
      );
      return Items.map((item) => item.event as StepRequest);
    },
  };
}
