import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Sha256 } from "@sluice/events";

/** After this the age check refuses the signature anyway: five minutes on both sides, with room for a clock that is wrong. */
const KEPT_FOR_SECONDS = 15 * 60;

/** The one thing that the door writes: that a signature was used. Says false when it was used before. */
export function seenSignatures(client: DynamoDBClient, TableName: string, now: () => number) {
  return async (signature: Sha256): Promise<boolean> => {
    try {
      await client.send(
        new PutItemCommand({
          TableName,
          Item: {
            pk: { S: `seen#${signature}` },
            sk: { S: "seen" },
            expiresAt: { N: String(Math.floor(now() / 1_000) + KEPT_FOR_SECONDS) },
          },
          ConditionExpression: "attribute_not_exists(#pk)",
          ExpressionAttributeNames: { "#pk": "pk" },
        }),
      );
      return true;
    } catch (cause) {
      if (cause instanceof Error && cause.name === "ConditionalCheckFailedException") return false;
      throw cause;
    }
  };
}
