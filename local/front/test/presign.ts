import { createHash, createHmac } from "node:crypto";
import type { Credentials } from "../front.ts";
import { REGION } from "./start-emulators.ts";

/** A GET of S3 that the URL itself signs, for a minute: SigV4 in the query, the body unsigned. */
export function presigned(base: string, path: string, { accessKeyId, secretAccessKey, sessionToken }: Credentials) {
  const now = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = [now.slice(0, 8), REGION, "s3", "aws4_request"];
  const query = [
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
    ["X-Amz-Credential", [accessKeyId, ...scope].join("/")],
    ["X-Amz-Date", now],
    ["X-Amz-Expires", "60"],
    ["X-Amz-Security-Token", sessionToken ?? ""],
    ["X-Amz-SignedHeaders", "host"],
  ]
    .map((pair) => pair.map(encodeURIComponent).join("="))
    .join("&");
  const canonical = ["GET", path, query, `host:${new URL(base).host}\n`, "host", "UNSIGNED-PAYLOAD"].join("\n");
  const digest = createHash("sha256").update(canonical).digest("hex");
  const toSign = ["AWS4-HMAC-SHA256", now, scope.join("/"), digest].join("\n");
  const key = scope.reduce<string | Buffer>(
    (secret, part) => createHmac("sha256", secret).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  return `${base}${path}?${query}&X-Amz-Signature=${createHmac("sha256", key).update(toSign).digest("hex")}`;
}
