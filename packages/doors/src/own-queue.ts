import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";

/** AWS's limit of one SendMessageBatch call. */
const MAX_MESSAGES = 10;

/** A message to the service's own queue. A sweep never writes an outcome: it sends one of these (docs/design.md, rule 5). */
export type OwnMessage = Readonly<{ message: string } & Record<string, unknown>>;

/** @throws when the queue does not take one of them. */
export function ownQueue(client: SQSClient, queueUrl: string) {
  return async (messages: readonly OwnMessage[]): Promise<void> => {
    for (let at = 0; at < messages.length; at += MAX_MESSAGES) {
      const { Failed } = await client.send(
        new SendMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: messages.slice(at, at + MAX_MESSAGES).map((message, n) => ({
            Id: String(n),
            MessageBody: JSON.stringify(message),
          })),
        }),
      );
      if (Failed?.length) throw new Error(`The queue refused a message: ${Failed[0]?.Code} ${Failed[0]?.Message}`);
    }
  };
}
