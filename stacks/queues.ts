import { alarmOnAge, alarmOnDepth } from "./alarms.ts";
import { named } from "./names.ts";

/** Six times the functions' time-out of 30 s and more, so that no message is handed over twice while somebody works on it. */
const VISIBILITY_MINUTES = 6;
/** With the visibility it makes an hour: an outage of that length loses nothing. */
const RECEIVES = 10;

export interface ServiceQueue {
  queue: sst.aws.Queue;
  dead: sst.aws.Queue;
}

/** A queue with its dead-letter queue and both alarms. */
export function serviceQueue(name: string): ServiceQueue {
  const dead = new sst.aws.Queue(`${name}-dead-queue`, {
    transform: {
      queue: { name: named(name, "dead"), messageRetentionSeconds: 14 * 24 * 3_600, sqsManagedSseEnabled: true },
    },
  });
  const queue = new sst.aws.Queue(`${name}-queue`, {
    visibilityTimeout: `${VISIBILITY_MINUTES} minutes`,
    dlq: { queue: dead.arn, retry: RECEIVES },
    transform: {
      queue: { name: named(name), messageRetentionSeconds: 4 * 24 * 3_600, sqsManagedSseEnabled: true },
    },
  });
  alarmOnDepth(`${name}-dead`, named(name, "dead"));
  alarmOnAge(name, named(name));
  return { queue, dead };
}

/** The function works the queue, one message at a time: a crash fails its whole batch, and throughput is no concern here. */
export function work(name: string, { queue }: ServiceQueue, consumer: sst.aws.Function) {
  return new aws.lambda.EventSourceMapping(`${name}-mapping`, {
    eventSourceArn: queue.arn,
    functionName: consumer.arn,
    batchSize: 1,
    functionResponseTypes: ["ReportBatchItemFailures"],
  });
}

/** What a function needs to work a queue, and to park what can never work. */
export function mayWork({ queue, dead }: ServiceQueue) {
  return [
    {
      actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"],
      resources: [queue.arn],
    },
    { actions: ["sqs:SendMessage"], resources: [dead.arn] },
  ];
}

/** The one policy of a queue: exactly these rules may send to it. A second policy would overwrite the first. */
export function allowRules(name: string, target: sst.aws.Queue, rules: $util.Output<string>[]) {
  return new aws.sqs.QueuePolicy(`${name}-policy`, {
    queueUrl: target.url,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "TheseRulesOnly",
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: target.arn,
          Condition: { ArnEquals: { "aws:SourceArn": rules } },
        },
      ],
    }),
  });
}
