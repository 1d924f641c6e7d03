/**
 * Makes every message of these queues that somebody has received and not deleted visible again, as if it had not been received. The host is its queues' only consumer,
 * so a new host may: no journal could know what was on the wire when the old one was killed. Resolves with how many there were.
 *
 * The emulator's launcher adds this call; AWS has none, there the messages wait out the visibility time-out.
 */
export async function giveBackInFlight(
  queueArns: readonly string[],
  { endpoint, region, rootKeyId }: { endpoint: string; region: string; rootKeyId: string },
): Promise<number> {
  const answer = await fetch(`${endpoint}/_local/give-back`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: rootAuthorization(rootKeyId, region) },
    body: JSON.stringify(queueArns),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The emulator would not give back what is in flight: ${answer.status} ${text}`);
  return Number(text);
}

/** Says who calls. The emulator lets root pass with any signature. */
function rootAuthorization(keyId: string, region: string): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll("-", "");
  return `AWS4-HMAC-SHA256 Credential=${keyId}/${day}/${region}/sqs/aws4_request, SignedHeaders=host, Signature=${"0".repeat(64)}`;
}
