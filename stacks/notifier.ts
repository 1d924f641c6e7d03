import { alarmOnCount } from "./alarms.ts";
import { approversChannel, environments } from "./environments.ts";
import { ownItems, servicePath } from "./service-path.ts";
import { SLACK_API_URL, slackBotSecret } from "./slack.ts";
import { directory } from "./storage.ts";

/** Every way out. It publishes nothing. */
export function notifier() {
  const service = "notifier";
  const channels = Object.fromEntries(Object.entries(environments).map(([name, { channel }]) => [name, channel]));
  servicePath(service, {
    environment: {
      DIRECTORY_BUCKET: directory.name,
      SLACK_BOT_SECRET_ARN: slackBotSecret.arn,
      SLACK_API_URL,
      CHANNELS: JSON.stringify({ ...channels, approvers: approversChannel }),
    },
    grants: [
      ownItems(service),
      { actions: ["s3:GetObject"], resources: [$interpolate`${directory.arn}/directory.json`] },
      { actions: ["secretsmanager:GetSecretValue"], resources: [slackBotSecret.arn] },
    ],
  });
  alarmOnCount("SlackUnusable", service, {
    metricName: "SlackUnusable",
    description:
      "Slack takes nothing from the app: its token, a scope or a channel has to be mended. Messages wait and come then.",
  });
}
