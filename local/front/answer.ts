import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";

/** What goes back to a caller: made by the front, or an emulator's, which still streams. */
export interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string | Buffer | IncomingMessage;
}

/** Sends an answer. A caller who hangs up in the middle is no error of ours. */
export async function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): Promise<void> {
  if (typeof body === "string" || Buffer.isBuffer(body)) {
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
    return;
  }
  response.writeHead(status, headers);
  try {
    await pipeline(body, response);
  } catch {
    response.destroy(); // One of the two ends is gone: so is the other.
  }
}

/** The whole body of an answer as bytes. */
export async function readAnswer({ body }: Answer): Promise<Buffer> {
  if (typeof body === "string") return Buffer.from(body);
  if (Buffer.isBuffer(body)) return body;
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

/** The same answer with another text as its body. */
export function withBody({ status, headers }: Answer, body: string | Buffer): Answer {
  const { "content-length": _length, "transfer-encoding": _encoding, ...others } = headers;
  return { status, headers: others, body };
}
