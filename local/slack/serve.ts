import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { startDesk } from "./desk/desk.ts";
import { type Json, parseBody } from "./json.ts";
import type { responseUrls } from "./response-urls.ts";
import type { WebAnswer, webApi } from "./web-api.ts";

/** The largest body that is read. */
const MAX_BODY_BYTES = 1_024 * 1_024;

/** What lies behind the one port: the Web API, the `response_url`s and the desk. */
export type Doors = Readonly<{
  answerApi: ReturnType<typeof webApi>;
  urls: ReturnType<typeof responseUrls>;
  desk: ReturnType<typeof startDesk>;
}>;

/**
 * Listens on a free port of 127.0.0.1. Answers only to its own host name, so that no other name can lead a browser here.
 * `doors` is asked once, after the address is known, since the doors hand it out.
 */
export async function serveSlack(
  doors: (baseUrl: string) => Doors,
  onError: (line: string) => void,
): Promise<{ baseUrl: string; stop(): void }> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("The local Slack has no port");
  const baseUrl = `http://127.0.0.1:${address.port}`;

  const behind = doors(baseUrl);
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    route(behind, baseUrl, request, response).catch((cause: unknown) => {
      onError(`${request.method} ${request.url}: ${cause instanceof Error ? cause.stack : String(cause)}`);
      if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
      response.end("The local Slack could not do that; slack.log says why.");
    });
  });
  return {
    baseUrl,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function route(doors: Doors, baseUrl: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", baseUrl);
  const [, first, second = "", third = ""] = url.pathname.split("/");
  if (request.headers.host !== url.host) return answer(response, 421, { ok: false, error: "wrong_host" });
  if (first === "api") return serveApi(doors.answerApi, second, request, response);
  if (first === "response") {
    const used = await doors.urls.use(third, parseBody(request.headers["content-type"], await read(request)));
    return answer(response, used.status, used.body);
  }
  if (await doors.desk.serve(request, response, url, () => read(request))) return;
  answer(response, 404, { ok: false, error: "not_found" });
}

async function serveApi(
  answerApi: Doors["answerApi"],
  method: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { authorization, "content-type": contentType } = request.headers;
  const told: WebAnswer = await answerApi(method, { authorization, contentType, body: await read(request) });
  if ("status" in told) return answer(response, told.status, told.body, told.headers);
  const cut = () => response.destroy();
  if (told.hangUntil.aborted) cut();
  else told.hangUntil.addEventListener("abort", cut, { once: true });
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error(`The body has more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function answer(response: ServerResponse, status: number, body: Json, headers: Record<string, string> = {}): void {
  response.writeHead(status, { ...headers, "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}
