import { createServer, type IncomingMessage, type Server } from "node:http";
import { InvocationFailed } from "./execution-environment.ts";
import type { FunctionError } from "./worker-messages.ts";

/** What the process that started the host may ask of it, each a POST with JSON. */
export interface Control {
  invoke(request: { function: string; event: unknown }): Promise<unknown>;
  tick(): Promise<unknown>;
  stats(): unknown;
}
export type ControlAnswer = { ok: unknown } | { failed: FunctionError } | { broken: string };

export function controlServer(control: Control): Server {
  return createServer(async (request, response) => {
    const answer = await answerTo(request, control);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
}

async function answerTo(request: IncomingMessage, control: Control): Promise<ControlAnswer> {
  try {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString() || "null");
    if (request.url === "/invoke") return { ok: await control.invoke(body) };
    if (request.url === "/tick") return { ok: await control.tick() };
    if (request.url === "/stats") return { ok: control.stats() };
    return { broken: `Nothing answers at ${request.url}` };
  } catch (cause) {
    if (cause instanceof InvocationFailed) return { failed: cause.detail };
    return { broken: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) };
  }
}
