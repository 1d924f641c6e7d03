import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  type KeySpec,
  type KeyUsageType,
  PutKeyPolicyCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-kms";
import { z } from "zod";
import { type Creator, creator, type Deployment, noEffectHere, unless } from "./creator.ts";

const Key = z.strictObject({
  customerMasterKeySpec: z.string().default("SYMMETRIC_DEFAULT"),
  keyUsage: z.string().default("ENCRYPT_DECRYPT"),
  description: z.string().optional(),
  policy: z.string().optional(),
  deletionWindowInDays: noEffectHere,
  enableKeyRotation: noEffectHere,
  tags: noEffectHere,
});

/** KMS draws key ids itself: the synthesized one is noted with the real one. */
export const keys: Record<string, Creator> = {
  "aws:kms/key:Key": creator(Key, async (key, deployment, { computed }) => {
    const existing = await existingKey(deployment, String(computed.keyId));
    const keyId = existing ?? (await createKey(deployment, key));
    deployment.note(computed.keyId, keyId);
    if (existing && key.policy)
      await deployment.account.kms.send(new PutKeyPolicyCommand({ KeyId: keyId, Policy: key.policy }));
  }),

  "aws:kms/alias:Alias": creator(
    z.strictObject({ name: z.string(), targetKeyId: z.string() }),
    async (alias, { account }) => {
      const input = { AliasName: alias.name, TargetKeyId: alias.targetKeyId };
      const created = await unless(["AlreadyExistsException"], () => account.kms.send(new CreateAliasCommand(input)));
      if (!created) await account.kms.send(new UpdateAliasCommand(input));
    },
  ),
};

async function createKey({ account }: Deployment, key: z.infer<typeof Key>): Promise<string | undefined> {
  const { KeyMetadata } = await account.kms.send(
    new CreateKeyCommand({
      KeySpec: key.customerMasterKeySpec as KeySpec,
      KeyUsage: key.keyUsage as KeyUsageType,
      Description: key.description,
      Policy: key.policy,
    }),
  );
  return KeyMetadata?.KeyId;
}

async function existingKey({ account, realOf }: Deployment, synthesized: string): Promise<string | undefined> {
  const keyId = realOf(synthesized);
  if (!keyId) return undefined;
  const found = await unless(["NotFoundException"], () => account.kms.send(new DescribeKeyCommand({ KeyId: keyId })));
  return found ? keyId : undefined;
}
