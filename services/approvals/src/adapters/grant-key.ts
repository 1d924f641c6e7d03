import { createHash } from "node:crypto";
import { type KMSClient, SignCommand } from "@aws-sdk/client-kms";
import type { GrantSigner } from "../core/ports.ts";

/** Signs with the one key that only approvals may use. The key's name is not in the grant: whoever verifies pins it. */
export function grantKey(client: KMSClient, keyArn: string): GrantSigner {
  return {
    async sign(claims) {
      const signed = `${base64url(JSON.stringify({ alg: "ES256", typ: "JWT" }))}.${base64url(JSON.stringify(claims))}`;
      const { Signature } = await client.send(
        new SignCommand({
          KeyId: keyArn,
          Message: createHash("sha256").update(signed).digest(),
          MessageType: "DIGEST",
          SigningAlgorithm: "ECDSA_SHA_256",
        }),
      );
      if (!Signature) throw new Error("KMS answered without a signature");
      return `${signed}.${rawSignature(Signature).toString("base64url")}`;
    },
  };
}

/** Bytes of one of the two numbers of a P-256 signature. */
const NUMBER_BYTES = 32;

/** KMS answers in DER (RFC 3279, §2.2.3); a JWS wants both numbers side by side, 32 bytes each (RFC 7518, §3.4). */
export function rawSignature(der: Uint8Array): Buffer {
  const bytes = Buffer.from(der);
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) throw new Error("Not a DER signature of P-256");
  const [r, afterR] = integerAt(bytes, 2);
  const [s] = integerAt(bytes, afterR);
  return Buffer.concat([r, s]);
}

function integerAt(der: Buffer, at: number): [Buffer, number] {
  const length = der[at + 1];
  if (der[at] !== 0x02 || length === undefined || length > NUMBER_BYTES + 1)
    throw new Error("Not a DER integer of P-256");
  const digits = der.subarray(at + 2, at + 2 + length);
  const significant = digits.subarray(Math.max(0, digits.length - NUMBER_BYTES)); // A leading zero only says "positive".
  return [Buffer.concat([Buffer.alloc(NUMBER_BYTES - significant.length), significant]), at + 2 + length];
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}
