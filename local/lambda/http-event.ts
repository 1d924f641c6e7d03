import { randomUUID } from "node:crypto";
import type { RouteMatch } from "./match-route.ts";
import { traceHeader } from "./trace-header.ts";

/** A request as it came in: header names as sent, body as bytes. */
export interface HttpRequest {
  method: string;
  /** Path and query. */
  target: string;
  rawHeaders: readonly string[];
  body: Buffer;
}

/** Content types that API Gateway hands over as text. All others, forms too, come in base64. */
const TEXT = /^(text\/|application\/(json|javascript|xml)|application\/[^;]+\+(json|xml))/;

/**
 * The event of an HTTP API, payload format 2.0: header names in lower case, repeated headers and query values joined by commas,
 * cookies apart, the time in the local cloud's.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function httpEvent(
  request: HttpRequest,
  { route, pathParameters }: RouteMatch,
  { account, nowMs }: { account: string; nowMs: number },
) {
  const url = new URL(`http://local${request.target}`);
  const { cookie, ...received } = headersOf(request.rawHeaders);
  const headers = {
    ...received,
    "x-amzn-trace-id": received["x-amzn-trace-id"] ?? traceHeader(),
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-proto": "http",
  };
  const isBase64Encoded = request.body.length > 0 && !TEXT.test(received["content-type"] ?? "text/plain");

  return {
    version: "2.0",
    routeKey: route.routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookie && { cookies: cookie.split(/; */) }),
    headers,
    ...(url.search.length > 1 && { queryStringParameters: joined([...url.searchParams]) }),
    ...(Object.keys(pathParameters).length && { pathParameters }),
    requestContext: {
      accountId: account,
      apiId: route.apiId,
      domainName: received.host ?? "",
      domainPrefix: route.apiId,
      http: {
        method: request.method,
        path: url.pathname,
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: received["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey: route.routeKey,
      stage: "$default",
      time: logTime(nowMs),
      timeEpoch: nowMs,
    },
    ...(request.body.length && { body: request.body.toString(isBase64Encoded ? "base64" : "utf8") }),
    isBase64Encoded,
  };
}

function headersOf(raw: readonly string[]): Record<string, string> {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([(raw[at] ?? "").toLowerCase(), raw[at + 1] ?? ""]);
  return joined(pairs, (name) => (name === "cookie" ? "; " : ","));
}

function joined(pairs: readonly [string, string][], separator = (_: string) => ","): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of pairs)
    values[name] = values[name] === undefined ? value : values[name] + separator(name) + value;
  return values;
}

/** `12/Mar/2026:19:03:58 +0000` */
function logTime(ms: number): string {
  const [, day, month, year, time] = new Date(ms).toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}
