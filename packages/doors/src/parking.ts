import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Parking } from "./consume.ts";

const text = (value: string) => ({ DataType: "String", StringValue: value.slice(0, 1_000) || "-" });

/** Parks in the service's own dead-letter queue: the body as it came, the reason beside it as message attributes. */
export function deadLetterQueue(client: SQSClient, queueUrl: string): Parking {
  return async ({ body, code, reason, name }) => {
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: body,
        MessageAttributes: { code: text(code), reason: text(reason), event: text(name) },
      }),
    );
  };
}
