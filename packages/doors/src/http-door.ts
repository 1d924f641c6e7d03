import middy from "@middy/core";
import { logger } from "@sluice/telemetry";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";

export type HttpAnswer = APIGatewayProxyStructuredResultV2;

/** An HTTP door. Anything thrown is a 500 without words; what a person can mend is an answer of the work itself. */
export function httpDoor(work: (httpEvent: APIGatewayProxyEventV2) => Promise<HttpAnswer>) {
  return middy<APIGatewayProxyEventV2, HttpAnswer>({ timeoutEarlyInMillis: 0 }).handler(
    async (httpEvent: APIGatewayProxyEventV2, context: Context): Promise<HttpAnswer> => {
      logger.addContext(context);
      try {
        return await work(httpEvent);
      } catch (cause) {
        logger.error("a door failed", { error: cause as Error, path: httpEvent.rawPath });
        return json(500, { error: "internal", message: "This did not work and was logged. Nothing was changed." });
      } finally {
        logger.resetKeys();
      }
    },
  );
}

/** The bytes that were sent. HTTP APIs hand forms over in base64, and a signature is over these bytes. */
export function rawBody({ body, isBase64Encoded }: Pick<APIGatewayProxyEventV2, "body" | "isBase64Encoded">): Buffer {
  return Buffer.from(body ?? "", isBase64Encoded ? "base64" : "utf8");
}

export function json(statusCode: number, value: unknown): HttpAnswer {
  return { statusCode, headers: { "content-type": "application/json; charset=utf-8" }, body: JSON.stringify(value) };
}
