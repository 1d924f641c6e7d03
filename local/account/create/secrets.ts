import { CreateSecretCommand, DescribeSecretCommand, PutSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { type Creator, creator, noEffectHere, unless } from "./creator.ts";

const Secret = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  kmsKeyId: z.string().optional(),
  recoveryWindowInDays: noEffectHere,
  tags: noEffectHere,
});

/** Secrets Manager ends ARNs in letters of its own. A secret has no value until somebody puts one. */
export const secrets: Record<string, Creator> = {
  "aws:secretsmanager/secret:Secret": creator(Secret, async (secret, deployment, { name, computed }) => {
    const { secrets } = deployment.account;
    const Name = secret.name ?? name;
    await unless(["ResourceExistsException"], () =>
      secrets.send(new CreateSecretCommand({ Name, Description: secret.description, KmsKeyId: secret.kmsKeyId })),
    );
    const { ARN } = await secrets.send(new DescribeSecretCommand({ SecretId: Name }));
    deployment.note(computed.arn, ARN);
  }),

  "aws:secretsmanager/secretVersion:SecretVersion": creator(
    z.strictObject({ secretId: z.string(), secretString: z.string() }),
    ({ secretId, secretString }, { account }) =>
      account.secrets.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: secretString })),
  ),
};
