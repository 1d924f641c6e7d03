import { DescribeSecretCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

/** Says whether a secret has a value, and reads none: anybody on the internet may make us ask. */
export async function hasValue(client: Pick<SecretsManagerClient, "send">, SecretId: string): Promise<boolean> {
  const { VersionIdsToStages = {}, DeletedDate } = await client.send(new DescribeSecretCommand({ SecretId }));
  return !DeletedDate && Object.values(VersionIdsToStages).some((stages) => stages.includes("AWSCURRENT"));
}
