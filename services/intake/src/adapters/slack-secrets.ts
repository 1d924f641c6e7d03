import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { BotSecret, SigningSecret, secretReader } from "@sluice/slack/secrets";
import type { SlackSecrets } from "../door/slack-door.ts";

/** How long a secret is used before it is read again, so that a changed one needs no deployment. */
const KEPT_FOR_MS = 5 * 60_000;

/** Both secrets of the Slack app; nothing while one of them is not there or not whole. */
export function slackSecrets(
  client: Pick<SecretsManagerClient, "send">,
  arns: Readonly<{ signing: string; bot: string }>,
  now: () => number,
): () => Promise<SlackSecrets | undefined> {
  const readSigning = kept(secretReader(client, arns.signing, SigningSecret), now);
  const readBot = kept(secretReader(client, arns.bot, BotSecret), now);
  return async () => {
    const [signing, bot] = await Promise.all([readSigning(), readBot()]);
    return signing && bot && { ...signing, ...bot };
  };
}

/** "Nothing" is not kept: somebody may be putting the value there now. */
function kept<T>(read: () => Promise<T | undefined>, now: () => number): () => Promise<T | undefined> {
  let last: Readonly<{ value: T; at: number }> | undefined;
  return async () => {
    if (last && now() - last.at < KEPT_FOR_MS) return last.value;
    const value = await read();
    last = value === undefined ? undefined : { value, at: now() };
    return value;
  };
}
