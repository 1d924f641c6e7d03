import { named } from "./names.ts";

/** Runs a sweep each minute. A lost run is made good by the next one, so it has no retries of its own. */
export function everyMinute(name: string, sweep: sst.aws.Function, deadLetters: sst.aws.Queue) {
  const rule = new aws.cloudwatch.EventRule(`${name}-schedule`, {
    name: named(name, "schedule"),
    scheduleExpression: "rate(1 minute)",
  });
  new aws.cloudwatch.EventTarget(`${name}-schedule-target`, {
    rule: rule.name,
    arn: sweep.arn,
    retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
    deadLetterConfig: { arn: deadLetters.arn },
  });
  new aws.lambda.Permission(`${name}-schedule-permission`, {
    action: "lambda:InvokeFunction",
    function: sweep.name,
    principal: "events.amazonaws.com",
    sourceArn: rule.arn,
  });
  return rule.arn;
}
