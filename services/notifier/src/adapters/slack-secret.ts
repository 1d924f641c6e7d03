import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type SlackClient, slackClient } from "@sluice/slack";
import * as z from "zod";

const Secret = z.object({ botToken: z.string().min(1) });

export type SlackFromSecret = Readonly<{
  /** @throws while the secret has no token: the message comes again. */
  client(): Promise<SlackClient>;
  /** The token is of no use any more: it is read anew for the next call. */
  forget(): void;
}>;

/** A client with the bot's token, read once per environment of ours. */
export function slackFromSecret(
  secrets: Pick<SecretsManagerClient, "send">,
  secretArn: string,
  baseUrl: string,
): SlackFromSecret {
  let made: SlackClient | undefined;
  return {
    async client() {
      if (made) return made;
      const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: secretArn }));
      const { botToken } = Secret.parse(JSON.parse(SecretString ?? "{}"));
      made = slackClient({ token: botToken, baseUrl });
      return made;
    },
    forget() {
      made = undefined;
    },
  };
}
