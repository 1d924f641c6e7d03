import { AssumeRoleCommand, type STSClient } from "@aws-sdk/client-sts";

export type TargetCredentials = Readonly<{ accessKeyId: string; secretAccessKey: string; sessionToken: string }>;

/** A quarter of an hour, AWS's shortest: long enough to ask some questions. */
const SESSION_SECONDS = 900;

/** Credentials of this kind's role in the target account, in the request's name, as Terraform's provider would take them. */
export async function targetSession(
  client: STSClient,
  { roleArn, externalId, request }: Readonly<{ roleArn: string; externalId: string; request: string }>,
): Promise<TargetCredentials> {
  const { Credentials } = await client.send(
    new AssumeRoleCommand({
      RoleArn: roleArn,
      ExternalId: externalId,
      RoleSessionName: request,
      DurationSeconds: SESSION_SECONDS,
      Tags: [{ Key: "request", Value: request }],
    }),
  );
  if (!Credentials?.AccessKeyId || !Credentials.SecretAccessKey || !Credentials.SessionToken)
    throw new Error(`STS gave no credentials for ${roleArn}`);
  return {
    accessKeyId: Credentials.AccessKeyId,
    secretAccessKey: Credentials.SecretAccessKey,
    sessionToken: Credentials.SessionToken,
  };
}
