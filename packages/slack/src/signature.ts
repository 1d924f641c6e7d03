import { createHmac, timingSafeEqual } from "node:crypto";

/** Why a request is or is not Slack's. Only `ok` may be acted on; the others differ for our own log, never for the caller. */
export type SignatureVerdict = "ok" | "missing" | "malformed" | "stale" | "mismatch";

/** Slack's own advice is five minutes; we apply it to the future as well, where Slack's libraries do not look. */
const TOLERANCE_SECONDS = 5 * 60;

const TIMESTAMP = /^[1-9][0-9]{0,11}$/;
const SIGNATURE = /^v0=[0-9a-f]{64}$/;

/**
 * Judges one request by the headers `x-slack-request-timestamp` and `x-slack-signature`, over the bytes as they were sent.
 * The comparison takes the same time wherever the signatures differ.
 *
 * Source: https://docs.slack.dev/authentication/verifying-requests-from-slack
 *
 * @param now milliseconds since 1970
 * @throws when the secret is empty, or has nothing that can be seen: a request must never pass because nothing was configured.
 */
export function verifySlackSignature(request: {
  secret: string;
  rawBody: Buffer;
  timestamp: string | undefined;
  signature: string | undefined;
  now: number;
}): SignatureVerdict {
  const { secret, rawBody, timestamp, signature, now } = request;
  if (!timestamp || !signature) return "missing";
  if (!TIMESTAMP.test(timestamp) || !SIGNATURE.test(signature)) return "malformed";
  if (Math.abs(now / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) return "stale";

  const expected = Buffer.from(signatureOf(secret, timestamp, rawBody));
  return timingSafeEqual(expected, Buffer.from(signature)) ? "ok" : "mismatch";
}

/** The two headers that Slack would send with this body at this time (milliseconds since 1970). For tests and local use. */
export function signSlackRequest(request: { secret: string; rawBody: Buffer | string; now: number }): {
  "x-slack-request-timestamp": string;
  "x-slack-signature": string;
} {
  const timestamp = String(Math.floor(request.now / 1_000));
  return {
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": signatureOf(request.secret, timestamp, Buffer.from(request.rawBody)),
  };
}

function signatureOf(secret: string, timestamp: string, rawBody: Buffer): string {
  if (!/[!-~]/.test(secret)) throw new Error("The Slack signing secret is empty");
  return `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:`).update(rawBody).digest("hex")}`;
}
