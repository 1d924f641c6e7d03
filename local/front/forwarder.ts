import { Agent, type IncomingHttpHeaders, type IncomingMessage, request as send } from "node:http";
import type { Answer } from "./answer.ts";

/** Shorter than MiniStack keeps idle connections (75 s): else a call could meet one that is just being closed. */
const IDLE_MS = 30_000;

/** Forwards calls to the emulators over connections that stay open. */
export class Forwarder {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256, timeout: IDLE_MS });

  /**
   * Sends a request on with Host, path and body untouched, which its signature covers. Resolves with the answer's head;
   * its body still streams. `signal` ends a call whose caller has hung up, so that no emulator works for nobody.
   */
  forward(
    base: string,
    request: IncomingMessage,
    options: { bytes?: Buffer | undefined; headers?: IncomingHttpHeaders; path?: string; signal?: AbortSignal },
  ): Promise<Answer> {
    const { hostname, port } = new URL(base);
    const headers = { ...request.headers, ...options.headers };
    delete headers.connection;
    return new Promise((resolve, reject) => {
      const outgoing = send(
        {
          hostname,
          port,
          method: request.method ?? "GET",
          path: options.path ?? request.url ?? "/",
          headers,
          agent: this.#agent,
          ...(options.signal && { signal: options.signal }),
        },
        (incoming) => resolve({ status: incoming.statusCode ?? 502, headers: passedOn(incoming), body: incoming }),
      );
      outgoing.on("error", reject);
      if (options.bytes) outgoing.end(options.bytes);
      else request.pipe(outgoing);
    });
  }

  stop(): void {
    this.#agent.destroy();
  }
}

/** The connections on both sides are not the same one. */
function passedOn({ headers }: IncomingMessage): IncomingHttpHeaders {
  const { connection: _connection, "keep-alive": _keepAlive, ...others } = headers;
  return others;
}
