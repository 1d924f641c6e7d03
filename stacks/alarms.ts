import type { Service } from "@sluice/events";
import { named } from "./names.ts";

/** Where alarms go; the platform team subscribes to it. */
export const alarmTopic = new aws.sns.Topic("Alarms", { name: named("alarms") });

interface AlarmOptions {
  namespace: string;
  metricName: string;
  dimensions: Record<string, $util.Input<string>>;
  threshold: number;
  description: string;
  statistic?: "Sum" | "Maximum";
}

function alarm(name: string, { statistic = "Maximum", threshold, description, ...metric }: AlarmOptions) {
  return new aws.cloudwatch.MetricAlarm(`${name}-alarm`, {
    name: named(name),
    alarmDescription: description,
    ...metric,
    statistic,
    comparisonOperator: "GreaterThanThreshold",
    threshold,
    period: 60,
    evaluationPeriods: 1,
    treatMissingData: "notBreaching",
    alarmActions: [alarmTopic.arn],
  });
}

/** Something was parked, or failed too often: it waits for a person. */
export function alarmOnDepth(name: string, queueName: $util.Input<string>) {
  return alarm(`${name}-depth`, {
    namespace: "AWS/SQS",
    metricName: "ApproximateNumberOfMessagesVisible",
    dimensions: { QueueName: queueName },
    threshold: 0,
    description: "Messages wait in a dead-letter queue: read their reason in the attributes, mend, redrive.",
  });
}

/** Work is not keeping up, or one message fails again and again. */
export function alarmOnAge(name: string, queueName: $util.Input<string>) {
  return alarm(`${name}-age`, {
    namespace: "AWS/SQS",
    metricName: "ApproximateAgeOfOldestMessage",
    dimensions: { QueueName: queueName },
    threshold: 300,
    description: "The oldest message has waited for more than five minutes.",
  });
}

/** A service counted something that waits for a person. */
export function alarmOnCount(
  name: string,
  service: Service,
  counted: {
    metricName: "SlackUnusable" | "EventPublished" | "PlanContradicted" | "SweepPassedOver" | "JobContradicted";
    labels?: Record<string, string>;
    description: string;
  },
) {
  const { metricName, labels, description } = counted;
  return alarm(`${service}-${name}`, {
    namespace: "Sluice",
    metricName,
    dimensions: { service, ...labels },
    threshold: 0,
    statistic: "Sum",
    description,
  });
}

export function alarmOnErrors(name: string, functionName: $util.Input<string>) {
  return alarm(`${name}-errors`, {
    namespace: "AWS/Lambda",
    metricName: "Errors",
    dimensions: { FunctionName: functionName },
    threshold: 0,
    statistic: "Sum",
    description: "A function ended with an error that it did not answer for.",
  });
}
