import { named } from "./names.ts";

/** A secret that the person who installs the Slack app puts a value into. Until then the Slack door answers 503 and says so. */
const secret = (name: string, part: string, description: string) =>
  new aws.secretsmanager.Secret(name, { name: named("slack", part), description }, { retainOnDelete: true });

/** `{ signingSecret }`. Who reads it can sign a click as anybody: the Slack door alone may. */
export const slackSigningSecret = secret(
  "SlackSigningSecret",
  "signing",
  "What Slack signs its requests to Sluice with",
);

/** `{ botToken, team }`, for the door, which opens forms, and for the notifier. */
export const slackBotSecret = secret("SlackBotSecret", "bot", "Sluice's bot token, and the workspace that it is for");

export const SLACK_API_URL = "https://slack.com/api/";

/** Where `response_url`s lie; the door posts to no other host. */
export const SLACK_HOOKS_URL = "https://hooks.slack.com/";

export const slackSecretArns = {
  SLACK_SIGNING_SECRET_ARN: slackSigningSecret.arn,
  SLACK_BOT_SECRET_ARN: slackBotSecret.arn,
};
