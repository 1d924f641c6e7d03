import { z } from "zod";

export interface HttpAnswer {
  status: number;
  headers: Record<string, string | string[]>;
  body: string | Buffer;
}

const StructuredAnswer = z.object({
  statusCode: z.int().min(100).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** What a caller of the HTTP API gets for a function's answer; a 500 when it has a status but not the form of an answer. */
export function httpAnswer(text: string): HttpAnswer {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || !("statusCode" in value))
    return { status: 200, headers: JSON_BODY, body: typeof value === "string" ? value : text };

  const answer = StructuredAnswer.safeParse(value);
  if (!answer.success) return gatewayAnswer(500);
  const { statusCode, headers, cookies, body, isBase64Encoded } = answer.data;
  return {
    status: statusCode,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      ...Object.fromEntries(Object.entries(headers ?? {}).map(([name, v]) => [name.toLowerCase(), String(v)])),
      ...(cookies?.length && { "set-cookie": cookies }),
    },
    body: isBase64Encoded ? Buffer.from(body ?? "", "base64") : (body ?? ""),
  };
}

/** API Gateway's own words for what it does not hand to a function, or what a function could not answer. */
export function gatewayAnswer(status: keyof typeof GATEWAY_MESSAGES): HttpAnswer {
  return { status, headers: JSON_BODY, body: JSON.stringify({ message: GATEWAY_MESSAGES[status] }) };
}

const JSON_BODY = { "content-type": "application/json" };
const GATEWAY_MESSAGES = {
  400: "Bad Request",
  404: "Not Found",
  413: "Request Entity Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};
