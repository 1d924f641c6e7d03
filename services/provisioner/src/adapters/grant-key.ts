import { GetPublicKeyCommand, type KMSClient } from "@aws-sdk/client-kms";

/** The public half of the key that only approvals may sign with, as PEM; asked for once. Which key it is comes from the stack, never from a grant. */
export function grantKey(client: KMSClient, KeyId: string): () => Promise<string> {
  let pem: Promise<string> | undefined;
  return () => {
    pem ??= read().catch((cause: unknown) => {
      pem = undefined; // It may be there the next time.
      throw cause;
    });
    return pem;
  };

  async function read(): Promise<string> {
    const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId }));
    if (!PublicKey) throw new Error(`${KeyId} has no public key`);
    const lines = Buffer.from(PublicKey).toString("base64").replace(/.{64}/g, "$&\n").trimEnd();
    return `-----BEGIN PUBLIC KEY-----\n${lines}\n-----END PUBLIC KEY-----\n`;
  }
}
