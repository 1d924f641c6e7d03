import { AssumeRoleCommand, type STSClient } from "@aws-sdk/client-sts";
import type { HostedFunction } from "./host-plan.ts";

/** The longest a role can allow. */
const SESSION_SECONDS = 43_200;

/** No worker starts on a session that ends within the hour, and none is used for so long: workers are ended when idle. */
const RENEW_BEFORE_MS = 3_600_000;

/** A function's credentials: sessions of its own synthesized role, renewed in time. The names are those of its environment. */
export function roleSessions(sts: STSClient): (fn: HostedFunction) => Promise<Record<string, string>> {
  const sessions = new Map<string, { env: Record<string, string>; expiresAt: number }>();

  return async (fn) => {
    const known = sessions.get(fn.arn);
    if (known && known.expiresAt - Date.now() > RENEW_BEFORE_MS) return known.env;

    const RoleSessionName = fn.name.slice(-64);
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({ RoleArn: fn.role, RoleSessionName, DurationSeconds: SESSION_SECONDS }),
    );
    if (!Credentials?.AccessKeyId || !Credentials.SecretAccessKey || !Credentials.SessionToken)
      throw new Error(`AssumeRole of ${fn.role} gave no credentials`);
    const env = {
      AWS_ACCESS_KEY_ID: Credentials.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey,
      AWS_SESSION_TOKEN: Credentials.SessionToken,
    };
    sessions.set(fn.arn, { env, expiresAt: Credentials.Expiration?.getTime() ?? 0 });
    return env;
  };
}
