import { createServer, type IncomingMessage, type Server } from "node:http";
import { InvocationFailed } from "./execution-environment.ts";
import type { HttpRoute } from "./host-plan.ts";
import { gatewayAnswer, type HttpAnswer, httpAnswer } from "./http-answer.ts";
import { httpEvent } from "./http-event.ts";
import { matchRoute } from "./match-route.ts";
import { rounded, type Trace } from "./trace.ts";

interface HttpApiPorts {
  routes: readonly HttpRoute[];
  account: string;
  nowMs(): number;
  trace: Trace;
  invoke(functionArn: string, event: object, traceHeader: string): Promise<string>;
}

/** API Gateway's limit for a request; what Lambda takes is less, and counted after base64. */
const LARGEST_REQUEST_BYTES = 10 * 1024 * 1024;
const LARGEST_EVENT_BYTES = 6 * 1024 * 1024;

/** Serves the app's HTTP APIs, one function call a request. A function that goes on after the integration's time-out answers nobody. */
export function httpApi(ports: HttpApiPorts): Server {
  return createServer(async (request, response) => {
    const began = performance.now();
    const http = `${request.method} ${request.url}`;
    try {
      const { status, headers, body } = await answer(request, ports);
      response.writeHead(status, headers).end(body);
      ports.trace({ http, status, ms: rounded(performance.now() - began) });
    } catch (cause) {
      response.destroy(); // The caller hung up, or we are at fault: no answer that an app could take for AWS's.
      ports.trace({ http, unanswered: String(cause), ms: rounded(performance.now() - began) });
    }
  });
}

async function answer(request: IncomingMessage, ports: HttpApiPorts): Promise<HttpAnswer> {
  const body = await bodyOf(request);
  if (!body) return gatewayAnswer(413);

  const { method = "GET", url: target = "/", rawHeaders } = request;
  const match = wellFormed(() => matchRoute(ports.routes, method, new URL(`http://local${target}`).pathname));
  if (match === "malformed") return gatewayAnswer(400);
  if (!match) return gatewayAnswer(404);

  const event = httpEvent({ method, target, rawHeaders, body }, match, {
    account: ports.account,
    nowMs: ports.nowMs(),
  });
  if (Buffer.byteLength(JSON.stringify(event)) > LARGEST_EVENT_BYTES) return gatewayAnswer(413);
  try {
    const invocation = ports.invoke(match.route.functionArn, event, event.headers["x-amzn-trace-id"]);
    const text = await within(match.route.timeoutMs, invocation);
    return text === undefined ? gatewayAnswer(503) : httpAnswer(text);
  } catch (cause) {
    if (cause instanceof InvocationFailed) return gatewayAnswer(500);
    throw cause;
  }
}

function wellFormed<T>(read: () => T): T | "malformed" {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof URIError) return "malformed";
    throw cause;
  }
}

/** Undefined when it is larger than API Gateway takes; it is then read to its end and thrown away, so that the caller hears the answer. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= LARGEST_REQUEST_BYTES) chunks.push(chunk);
  }
  return bytes > LARGEST_REQUEST_BYTES ? undefined : Buffer.concat(chunks);
}

async function within(ms: number, invocation: Promise<string>): Promise<string | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  invocation.catch(() => undefined); // After the time-out nobody listens; the pool has written the failure down.
  try {
    return await Promise.race([invocation, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
