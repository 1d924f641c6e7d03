import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";

/** Service name and level come from Powertools' own variables (`POWERTOOLS_SERVICE_NAME`, `POWERTOOLS_LOG_LEVEL`), which the stack sets. */
export const logger = new Logger();
const metrics = new Metrics({ namespace: "Sluice" });

/** Counts one of something that people look at in a dashboard. It is a log line, so it costs no call. */
export function count(
  name:
    | "EventHandled"
    | "EventPublished"
    | "MessageParked"
    | "DoorRefused"
    | "SlackUnusable"
    | "PlanContradicted"
    | "SweepPassedOver"
    | "JobContradicted",
  labels: Record<string, string>,
) {
  const single = metrics.singleMetric();
  for (const [label, value] of Object.entries(labels)) single.addDimension(label, value.slice(0, 200));
  single.addMetric(name, MetricUnit.Count, 1);
}

/** Counts, for an alarm, that somebody has written in a job's place what no honest build leaves there, and logs which job's. */
export function countSuspicion(of: Readonly<{ environment: string; kind: string; job: string }>, what: string): void {
  logger.warn("a job's own item or result is not what an honest build leaves", { ...of, what });
  count("JobContradicted", {});
}
