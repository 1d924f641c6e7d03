import { createPublicKey } from "node:crypto";
import { CreateKeyCommand, GetPublicKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { readGrant } from "@sluice/steps";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emulatedTable } from "../../../../test/emulated-table.ts";
import { grantKey, rawSignature } from "../../src/adapters/grant-key.ts";
import { claimsOf } from "../../src/core/claims.ts";
import { carol, gate, NOON, plannedSlip } from "../factories.ts";

let account: Awaited<ReturnType<typeof emulatedTable>>;
let kms: KMSClient;
beforeAll(async () => {
  account = await emulatedTable();
  kms = new KMSClient(account.config);
});
afterAll(async () => {
  kms.destroy();
  await account.stop();
});

async function newKey() {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeyUsage: "SIGN_VERIFY", KeySpec: "ECC_NIST_P256" }));
  const arn = KeyMetadata?.Arn ?? "";
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: arn }));
  const der = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: "der", type: "spki" });
  return { arn, pem: der.export({ type: "spki", format: "pem" }).toString() };
}
const claims = claimsOf(gate(), plannedSlip(), [carol], NOON);

describe("the grant key", () => {
  it("signs what its public key reads, with every signature it makes", async () => {
    const { arn, pem } = await newKey();

    // A number of a signature is shorter than 32 bytes once in 128 times; the padding has its own test below.
    for (let n = 0; n < 20; n++) expect(await readGrant(await grantKey(kms, arn).sign(claims), pem)).toEqual(claims);
  });

  it("signs what no other key reads", async () => {
    const [ours, theirs] = [await newKey(), await newKey()];

    expect(await readGrant(await grantKey(kms, theirs.arn).sign(claims), ours.pem)).toBe("grant_signature");
  });
});

describe("a signature in DER", () => {
  const der = (r: number[], s: number[]) =>
    Uint8Array.from([0x30, 4 + r.length + s.length, 0x02, r.length, ...r, 0x02, s.length, ...s]);
  const full = Array.from({ length: 32 }, () => 0x7f);

  it("becomes two numbers of 32 bytes, whatever DER left away or put before", () => {
    const raw = rawSignature(der([0x01], [0x00, ...full.with(0, 0x80)]));

    expect([...raw]).toEqual([...Array.from({ length: 31 }, () => 0), 0x01, ...full.with(0, 0x80)]);
  });

  it.each([
    ["is cut", der(full, full).slice(0, -1)],
    ["is of a longer curve", der([...full, 1, 2], full)],
    ["is no DER", Uint8Array.from([1, 2, 3])],
  ])("is refused when it %s", (_case, bytes) => {
    expect(() => rawSignature(bytes)).toThrow(/P-256/);
  });
});
