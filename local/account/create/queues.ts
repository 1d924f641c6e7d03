import { CreateQueueCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { z } from "zod";
import { type Creator, creator, type Deployment, noEffectHere, unless } from "./creator.ts";

const Queue = z.strictObject({
  name: z.string(),
  fifoQueue: z.literal(false, "Only standard queues are created").default(false),
  visibilityTimeoutSeconds: z.number().optional(),
  delaySeconds: z.number().optional(),
  messageRetentionSeconds: z.number().optional(),
  receiveWaitTimeSeconds: z.number().optional(),
  redrivePolicy: z.string().optional(),
  sqsManagedSseEnabled: z.boolean().optional(),
  kmsMasterKeyId: z.string().optional(),
  contentBasedDeduplication: z.literal(false).optional(),
  tags: noEffectHere,
});

/** A queue's URL leads to the deployment's endpoint, not to AWS and not round the front. */
export const queues: Record<string, Creator> = {
  "aws:sqs/queue:Queue": creator(Queue, async (queue, deployment, { computed }) => {
    const { sqs } = deployment.account;
    const Attributes = attributes(queue);
    const QueueUrl = queueUrl(deployment, String(computed.url));
    deployment.note(computed.url, QueueUrl);
    const created = await unless(["QueueNameExists"], () =>
      sqs.send(new CreateQueueCommand({ QueueName: queue.name, Attributes })),
    );
    if (!created) await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  }),

  "aws:sqs/queuePolicy:QueuePolicy": creator(
    z.strictObject({ queueUrl: z.string(), policy: z.string() }),
    ({ queueUrl: QueueUrl, policy }, { account }) =>
      account.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: policy } })),
  ),
};

function queueUrl({ endpoint }: Deployment, synthesized: string): string {
  return new URL(new URL(synthesized).pathname, endpoint).href;
}

function attributes(queue: z.infer<typeof Queue>): Record<string, string> {
  const given = {
    VisibilityTimeout: queue.visibilityTimeoutSeconds,
    DelaySeconds: queue.delaySeconds,
    MessageRetentionPeriod: queue.messageRetentionSeconds,
    ReceiveMessageWaitTimeSeconds: queue.receiveWaitTimeSeconds,
    RedrivePolicy: queue.redrivePolicy,
    SqsManagedSseEnabled: queue.sqsManagedSseEnabled,
    KmsMasterKeyId: queue.kmsMasterKeyId,
  };
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([name, value]) => [name, String(value)]));
}
