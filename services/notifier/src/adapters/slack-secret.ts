import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type SlackClient, slackClient } from "@sluice/slack";
import { BotSecret, secretReader } from "@sluice/slack/secrets";

export type SlackFromSecret = Readonly<{
  /** Nothing while the Slack app is not installed: the secret has no whole value. */
  client(): Promise<SlackClient | undefined>;
  /** The token is of no use any more: it is read anew for the next call. */
  forget(): void;
}>;

/** A client with the bot's token, read once per environment of ours. */
export function slackFromSecret(
  secrets: Pick<SecretsManagerClient, "send">,
  secretArn: string,
  baseUrl: string,
): SlackFromSecret {
  const read = secretReader(secrets, secretArn, BotSecret);
  let made: SlackClient | undefined;
  return {
    async client() {
      if (made) return made;
      const bot = await read();
      made = bot && slackClient({ token: bot.botToken, baseUrl });
      return made;
    },
    forget() {
      made = undefined;
    },
  };
}
