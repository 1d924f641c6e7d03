import type { Service } from "@sluice/events";
import { alarmOnCount } from "./alarms.ts";
import { mayWork, type ServiceQueue, serviceQueue, work } from "./queues.ts";
import { everyMinute } from "./schedule.ts";
import { type Grants, serviceFunction } from "./service-function.ts";
import { subscribe } from "./subscribe.ts";
import { buildsTables, type JobOwner, tables } from "./tables.ts";

interface Work {
  /** Whether the service sends messages to itself while it works, not only from its sweep. */
  wakesItself?: boolean;
  environment: Record<string, $util.Input<string>>;
  grants: Grants;
}

/** What every service has: its queue with everything it hears, the function that works it, and the sweep of its table. */
export function servicePath(service: Service, given: Work, reports?: ServiceQueue): ServiceQueue {
  const target = serviceQueue(service);
  workQueue(service, "queue", target, target, given);

  const table = tables[service];
  const sweep = serviceFunction({
    service,
    door: "sweep",
    environment: { TABLE_NAME: table.name, QUEUE_URL: target.queue.url },
    grants: [
      { actions: ["dynamodb:Query"], resources: [$interpolate`${table.arn}/index/due`] },
      { actions: ["sqs:SendMessage"], resources: [target.queue.arn] },
    ],
  });
  alarmOnCount("SweepPassedOver", service, {
    metricName: "SweepPassedOver",
    description:
      "Something is due in the service's own table that is no item of it: somebody has written there who should not. It was passed over; its key is in the sweep's log.",
  });
  subscribe(service, target, everyMinute(service, sweep, target.dead), reports);
  return target;
}

/** A function that works one queue of a service; what it sends to itself goes to `own`. */
export function workQueue(
  service: Service,
  door: "queue" | "reports",
  worked: ServiceQueue,
  own: ServiceQueue,
  { environment, grants, wakesItself }: Work,
) {
  const consumer = serviceFunction({
    service,
    door,
    environment: {
      TABLE_NAME: tables[service].name,
      QUEUE_URL: own.queue.url,
      DEAD_LETTER_QUEUE_URL: worked.dead.url,
      ...environment,
    },
    grants: [
      ...grants,
      ...mayWork(worked),
      ...(wakesItself ? [{ actions: ["sqs:SendMessage"], resources: [own.queue.arn] }] : []),
    ],
  });
  work(`${service}-${door}`, worked, consumer);
}

/** Everything that a service does with its own items; nobody else has any of it. Nothing is deleted: a grant that was spent stays spent. */
export const ownItems = (service: Service) => ({
  actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"],
  resources: [tables[service].arn],
});

/** What no honest build leaves was found in a job's place. */
export const alarmOnJobs = (owner: JobOwner) =>
  alarmOnCount("JobContradicted", owner, {
    metricName: "JobContradicted",
    description:
      "What lies in a job's place is not what an honest build leaves there. It was believed in nothing: look at that build's code and log (operations, \"A build has lied\").",
  });

/** What an owner of jobs does with the items that its builds may write too. */
export const buildItems = (owner: JobOwner) => ({
  actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
  resources: [buildsTables[owner].arn],
});

/**
 * Learning that an object below these prefixes is not there: without it S3 answers that it is forbidden, and "not there" cannot be told from "not allowed".
 * S3 takes the key of a missing object for the prefix.
 */
export const mayMiss = (bucket: sst.aws.Bucket, prefixes: string[]) => ({
  actions: ["s3:ListBucket"],
  resources: [bucket.arn],
  conditions: [{ test: "StringLike", variable: "s3:prefix", values: prefixes }],
});
