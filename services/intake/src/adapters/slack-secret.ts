import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as z from "zod";

/** What the person who installs the Slack app puts into Secrets Manager. */
const SlackSecret = z.object({
  signingSecret: z.string().min(1),
  botToken: z.string().min(1),
  team: z.string().min(1),
});
export type SlackSecret = z.infer<typeof SlackSecret>;

/** How long a secret is used before it is read again, so that a changed one needs no deployment. */
const KEPT_FOR_MS = 5 * 60_000;

/** Reads the secret; nothing while it is not there or not whole. That answer is not kept: somebody may be putting it there now. */
export function slackSecret(
  client: Pick<SecretsManagerClient, "send">,
  secretArn: string,
  now: () => number,
): () => Promise<SlackSecret | undefined> {
  let kept: Readonly<{ secret: SlackSecret; at: number }> | undefined;
  return async () => {
    if (kept && now() - kept.at < KEPT_FOR_MS) return kept.secret;
    const secret = SlackSecret.safeParse(parsed(await textOf(client, secretArn)));
    kept = secret.success ? { secret: secret.data, at: now() } : undefined;
    return kept?.secret;
  };
}

async function textOf(client: Pick<SecretsManagerClient, "send">, SecretId: string): Promise<string> {
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? "";
  } catch (cause) {
    if (cause instanceof Error && cause.name === "ResourceNotFoundException") return ""; // Also a secret that has no value yet.
    throw cause;
  }
}

/** The text never reaches an error: it may be half a secret. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
