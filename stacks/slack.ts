import { named } from "./names.ts";

/** `{ signingSecret, botToken, team }`, put by the person who installs the Slack app. Until then the door answers 503 and says so. */
export const slackSecret = new aws.secretsmanager.Secret(
  "SlackSecret",
  { name: named("slack"), description: "Slack signing secret, bot token and team of Sluice" },
  { retainOnDelete: true },
);
