import { GetPublicKeyCommand, type KMSClient } from "@aws-sdk/client-kms";

/** The public half of the key that the buildspec pins, as PEM (SPKI). It is never taken from a grant. */
export async function grantKey(client: KMSClient, keyArn: string): Promise<string> {
  const { PublicKey, KeySpec } = await client.send(new GetPublicKeyCommand({ KeyId: keyArn }));
  if (!PublicKey || KeySpec !== "ECC_NIST_P256") throw new Error(`${keyArn} is no key that grants are signed with`);
  const base64 = Buffer.from(PublicKey).toString("base64");
  return `-----BEGIN PUBLIC KEY-----\n${base64.replace(/(.{64})/g, "$1\n")}\n-----END PUBLIC KEY-----\n`;
}
