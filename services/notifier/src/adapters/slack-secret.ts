import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type SlackClient, slackClient } from "@sluice/slack";
import * as z from "zod";

const Secret = z.object({ botToken: z.string().min(1) });

/** A client with the bot's token, read once per environment of ours. A missing token is tried again with the message. */
export function slackFromSecret(
  secrets: SecretsManagerClient,
  secretArn: string,
  baseUrl: string,
): () => Promise<SlackClient> {
  let made: SlackClient | undefined;
  return async () => {
    if (made) return made;
    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: secretArn }));
    const { botToken } = Secret.parse(JSON.parse(SecretString ?? "{}"));
    made = slackClient({ token: botToken, baseUrl });
    return made;
  };
}
