import { RequestStalled } from "@sluice/events";
import { alarmOnCount } from "./alarms.ts";
import { api } from "./api.ts";
import { partners } from "./partners.ts";
import { account, region } from "./place.ts";
import { quotas } from "./quotas.ts";
import type { Release } from "./release.ts";
import { fromTheDoor, mayPublish, serviceFunction } from "./service-function.ts";
import { ownItems, servicePath } from "./service-path.ts";
import { SLACK_API_URL, SLACK_HOOKS_URL, slackBotSecret, slackSecretArns, slackSigningSecret } from "./slack.ts";
import { directory, jobs } from "./storage.ts";
import { tables } from "./tables.ts";

/** Every way in: the Slack door, health, the queue, the sweep. */
export function intake(release: Release) {
  const service = "intake";
  const table = tables[service];
  const readsDirectory = { actions: ["s3:GetObject"], resources: [$interpolate`${directory.arn}/directory.json`] };
  const slackSecrets = [slackSigningSecret.arn, slackBotSecret.arn];
  const environment = { TABLE_NAME: table.name, DIRECTORY_BUCKET: directory.name };

  const slack = serviceFunction({
    service,
    door: "slack",
    timeoutSeconds: 5,
    environment: {
      ...environment,
      ...slackSecretArns,
      SLACK_API_URL,
      SLACK_HOOKS_URL,
      JOBS_BUCKET: jobs.name,
      QUOTAS: JSON.stringify(quotas),
      BUILD_PROJECTS_URL: $interpolate`https://${region}.console.aws.amazon.com/codesuite/codebuild/${account}/projects`,
    },
    grants: [
      ...mayPublish(service, fromTheDoor),
      readsDirectory,
      { actions: ["secretsmanager:GetSecretValue"], resources: slackSecrets },
      { actions: ["dynamodb:GetItem", "dynamodb:Query"], resources: [table.arn] },
      // The door writes one thing: that a signature was used.
      {
        actions: ["dynamodb:PutItem"],
        resources: [table.arn],
        conditions: [{ test: "ForAllValues:StringLike", variable: "dynamodb:LeadingKeys", values: ["seen#*"] }],
      },
      {
        actions: ["s3:GetObject", "s3:GetObjectVersion"],
        resources: [$interpolate`${jobs.arn}/results/*/plan/*`, $interpolate`${jobs.arn}/results/*/scan/*`],
      },
    ],
  });
  api.route("POST /api/slack/commands", slack.arn);
  api.route("POST /api/slack/interactions", slack.arn);

  const health = serviceFunction({
    service,
    door: "health",
    timeoutSeconds: 5,
    environment: { ...environment, ...slackSecretArns },
    grants: [
      readsDirectory,
      { actions: ["dynamodb:GetItem"], resources: [table.arn] },
      { actions: ["secretsmanager:DescribeSecret"], resources: slackSecrets }, // Whether there is a value, and never the value.
    ],
  });
  api.route("GET /api/health", health.arn);

  alarmOnCount("RequestStalled", service, {
    metricName: "EventPublished",
    labels: { event: RequestStalled.type },
    description:
      "A step's owner did not answer three times. The request waits; its message and `request.stalled` name the owner.",
  });

  servicePath(service, {
    environment: {
      ...environment,
      CODE_RELEASE: $jsonStringify(release),
      PARTNERS: JSON.stringify(partners),
      QUOTAS: JSON.stringify(quotas),
    },
    grants: [...mayPublish(service), ownItems(service), readsDirectory],
  });
}
