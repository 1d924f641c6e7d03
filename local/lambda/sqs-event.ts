import type { Message } from "@aws-sdk/client-sqs";
import type { QueueMapping } from "./host-plan.ts";

/** What a function gets for messages of a queue. */
export function sqsEvent(messages: readonly Message[], { queueArn }: QueueMapping, region: string): object {
  return {
    Records: messages.map((message) => ({
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes,
      messageAttributes: Object.fromEntries(
        Object.entries(message.MessageAttributes ?? {}).map(([name, { StringValue, BinaryValue, DataType }]) => [
          name,
          {
            stringValue: StringValue,
            binaryValue: BinaryValue && Buffer.from(BinaryValue).toString("base64"),
            stringListValues: [],
            binaryListValues: [],
            dataType: DataType,
          },
        ]),
      ),
      md5OfBody: message.MD5OfBody,
      eventSource: "aws:sqs",
      eventSourceARN: queueArn,
      awsRegion: region,
    })),
  };
}

/**
 * The ids of the messages that failed, by the function's answer. Without `ReportBatchItemFailures` an answer is success, whatever it says.
 * With it: nothing, null or an empty list is success; an id that is empty or not in the batch fails the whole batch.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function failedMessages(answer: string, messageIds: readonly string[], partialAnswers: boolean): Set<string> {
  if (!partialAnswers) return new Set();
  const failures = fieldOf(JSON.parse(answer), "batchItemFailures") ?? [];
  if (!Array.isArray(failures)) return new Set(messageIds);

  const named = failures.map((failure) => fieldOf(failure, "itemIdentifier"));
  const known = named.filter((id): id is string => typeof id === "string" && messageIds.includes(id));
  return new Set(known.length === named.length ? known : messageIds);
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
