import { randomUUID } from "node:crypto";
import type { Answer } from "./answer.ts";
import type { Protocol } from "./call.ts";

/** Why the front itself does not let a call pass. Codes are those of query services; `refuse` translates them. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  /** Only for codes other than those of authentication and authorization. */
  readonly status?: number;
}

export const unknownKey: Refusal = {
  code: "InvalidClientTokenId",
  message: "The security token included in the request is invalid.",
};
export const expiredToken: Refusal = {
  code: "ExpiredToken",
  message: "The security token included in the request is expired",
};

/** The words that AWS uses, so that tools show who was refused what. */
export function accessDenied(who: string, action: string, resource: string, reason: string): Refusal {
  return {
    code: "AccessDenied",
    message: `User: ${who} is not authorized to perform: ${action} on resource: ${resource} because ${reason}`,
  };
}

/** What one kind of refusal is called where, as AWS and MiniStack answer it. */
const NAMES: Readonly<Record<string, { ec2: [number, string]; s3: [number, string]; json: [number, string] }>> = {
  AccessDenied: {
    ec2: [403, "UnauthorizedOperation"],
    s3: [403, "AccessDenied"],
    json: [400, "AccessDeniedException"],
  },
  InvalidClientTokenId: {
    ec2: [401, "AuthFailure"],
    s3: [403, "InvalidAccessKeyId"],
    json: [400, "UnrecognizedClientException"],
  },
  ExpiredToken: { ec2: [400, "RequestExpired"], s3: [400, "ExpiredToken"], json: [400, "ExpiredTokenException"] },
};

/** A refusal in the shape that SDKs of this protocol show with code and message. A HEAD has no body: they show the status. */
export function refuse(refusal: Refusal, protocol: Protocol, service: string, method: string): Answer {
  const answer = shapes[protocol](refusal, service, randomUUID());
  return method === "HEAD" ? { ...answer, body: "" } : answer;
}

const shapes: Readonly<Record<Protocol, (refusal: Refusal, service: string, id: string) => Answer>> = {
  ec2(refusal, _service, id) {
    const [status, code] = nameOf(refusal, "ec2", 403);
    return answer(
      status,
      "text/xml;charset=UTF-8",
      id,
      `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${code}</Code><Message>${xml(refusal.message)}</Message></Error></Errors><RequestID>${id}</RequestID></Response>`,
    );
  },
  s3(refusal, _service, id) {
    const [status, code] = nameOf(refusal, "s3", 403);
    return answer(
      status,
      "application/xml",
      id,
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${xml(refusal.message)}</Message><RequestId>${id}</RequestId><HostId>front</HostId></Error>`,
    );
  },
  query: errorResponse,
  "rest-xml": errorResponse,
  json(refusal, _service, id) {
    const [status, code] = nameOf(refusal, "json", 400);
    return answer(status, "application/x-amz-json-1.1", id, JSON.stringify({ __type: code, message: refusal.message }));
  },
  "rest-json"(refusal, _service, id) {
    const [status, code] = nameOf(refusal, "json", 403);
    const made = answer(
      status === 400 ? 403 : status,
      "application/json",
      id,
      JSON.stringify({ message: refusal.message }),
    );
    return { ...made, headers: { ...made.headers, "x-amzn-errortype": code } };
  },
  cbor(refusal, _service, id) {
    const [status, code] = nameOf(refusal, "json", 400);
    const made = answer(status, "application/cbor", id, cborMap({ __type: code, message: refusal.message }));
    return { ...made, headers: { ...made.headers, "smithy-protocol": "rpc-v2-cbor" } };
  },
};

function errorResponse(refusal: Refusal, service: string, id: string): Answer {
  return answer(
    refusal.status ?? 403,
    "text/xml",
    id,
    `<ErrorResponse xmlns="https://${service}.amazonaws.com/doc/"><Error><Type>Sender</Type><Code>${refusal.code}</Code><Message>${xml(refusal.message)}</Message></Error><RequestId>${id}</RequestId></ErrorResponse>`,
  );
}

function nameOf({ code, status }: Refusal, family: "ec2" | "s3" | "json", usual: number): [number, string] {
  return NAMES[code]?.[family] ?? [status ?? usual, code];
}

function answer(status: number, type: string, id: string, body: string | Buffer): Answer {
  return { status, headers: { "content-type": type, "x-amzn-requestid": id }, body };
}

function xml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** CBOR (RFC 8949) of a small map of texts: major types 5 and 3 with lengths of two bytes. */
function cborMap(map: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(map);
  return Buffer.concat([Buffer.from([0xa0 + entries.length]), ...entries.flat().map(cborText)]);
}

function cborText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x79, bytes.length >> 8, bytes.length & 255]), bytes]);
}
