import type { IncomingMessage } from "node:http";

/** How a service writes requests and refusals. */
export type Protocol = "ec2" | "query" | "json" | "cbor" | "s3" | "rest-xml" | "rest-json";

/** One call at the front, as tests and faults see it. */
export interface Call {
  /** Counts from 1 in order of arrival. */
  readonly number: number;
  /** Milliseconds since 1970, real time. */
  readonly at: number;
  /** Where the call is answered, which for AssumeRole is the account of the role. */
  account: string;
  /** Absent for a root or an owner. */
  readonly role?: string;
  /** The session's name: `AWSCodeBuild-<uuid>` for a build, the request for a role that a build assumed. */
  readonly session?: string;
  /** The name of the session that began the chain of roles; the same as `session` where none was assumed from it. */
  readonly origin?: string;
  /** The signing name (`monitoring`, not `cloudwatch`). */
  readonly service: string;
  /** The operation, for REST protocols the method's verb with what it is done to (`PutObject`, `Get/2015-03-31/functions`). */
  readonly action: string;
  readonly protocol: Protocol;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  /** Parsed, of forms and of JSON up to 1 MB; else absent. */
  readonly body?: unknown;
  /** Set once there is an answer. */
  status?: number;
  /** Milliseconds from its arrival to its answer's head. */
  ms?: number;
}

/** A call that has arrived, before anybody knows who makes it. */
export interface Arrived {
  readonly accessKeyId: string;
  readonly token: string | undefined;
  readonly service: string;
  readonly action: string;
  readonly protocol: Protocol;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Present when the body was small enough to be read; else it still streams. */
  readonly bytes: Buffer | undefined;
  readonly form: URLSearchParams | undefined;
  readonly request: IncomingMessage;
}

/** Bodies of forms and JSON are read up to this size; larger ones and all others pass as a stream. */
const READ_UP_TO_BYTES = 1 << 20;
const REST_XML = new Set(["route53", "cloudfront", "s3control"]);
const VERBS: Readonly<Record<string, string>> = {
  GET: "Get",
  HEAD: "Head",
  PUT: "Put",
  POST: "Post",
  DELETE: "Delete",
};

/** Reads what a call says about itself. Nothing is changed, so that the signature stays valid. */
export async function readCall(request: IncomingMessage): Promise<Arrived> {
  const url = new URL(request.url ?? "/", "http://front");
  const credential =
    request.headers.authorization?.match(/Credential=([^,\s]+)/)?.[1] ?? url.searchParams.get("X-Amz-Credential") ?? "";
  const [accessKeyId = "", , , service = ""] = credential.split("/");
  const bytes = await readSmallBody(request);
  const form =
    bytes && contentType(request).includes("x-www-form-urlencoded") ? new URLSearchParams(bytes.toString()) : undefined;
  return {
    accessKeyId,
    token: header(request, "x-amz-security-token") ?? url.searchParams.get("X-Amz-Security-Token") ?? undefined,
    service,
    action: actionOf(request, url, service, form),
    protocol: protocolOf(request, service),
    path: url.pathname,
    query: url.searchParams,
    bytes,
    form,
    request,
  };
}

/** The parsed body of a call whose body was read. */
export function parsedBody({ bytes, form, protocol }: Arrived): unknown {
  if (form) return Object.fromEntries(form);
  if (!bytes?.length || protocol !== "json") return undefined;
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined; // The emulator says what is wrong with it.
  }
}

export function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function contentType(request: IncomingMessage): string {
  return request.headers["content-type"] ?? "";
}

function protocolOf(request: IncomingMessage, service: string): Protocol {
  if (request.headers["x-amz-target"]) return "json";
  if (request.headers["smithy-protocol"] === "rpc-v2-cbor") return "cbor";
  if (service === "ec2") return "ec2";
  if (service === "s3") return "s3";
  if (contentType(request).includes("x-www-form-urlencoded")) return "query";
  return REST_XML.has(service) ? "rest-xml" : "rest-json";
}

function actionOf(request: IncomingMessage, url: URL, service: string, form: URLSearchParams | undefined): string {
  const target = header(request, "x-amz-target");
  if (target) return target.slice(target.lastIndexOf(".") + 1);
  const named = form?.get("Action") ?? url.searchParams.get("Action");
  if (named) return named;
  const operation = url.pathname.match(/^\/service\/[^/]+\/operation\/(\w+)/)?.[1];
  if (operation) return operation;

  const verb = VERBS[request.method ?? ""] ?? request.method ?? "";
  return service === "s3" ? s3Action(verb, url) : `${verb}${url.pathname}`;
}

/** `PutObject`, `ListBuckets`, `GetBucket:versioning`: enough to tell reading from writing and one from the other. */
function s3Action(verb: string, url: URL): string {
  const [, bucket, key] = url.pathname.match(/^\/([^/]*)\/?(.*)$/) ?? [];
  const part = [...url.searchParams.keys()].find((name) => S3_SUBRESOURCES.has(name));
  const what = key ? "Object" : "Bucket";
  if (part) return `${verb}${what}:${part}`;
  if (verb !== "Get" || key) return `${verb}${what}`;
  return bucket ? "ListObjects" : "ListBuckets";
}

const S3_SUBRESOURCES = new Set(
  "accelerate acl analytics attributes cors delete encryption inventory legal-hold lifecycle location logging metrics notification object-lock ownershipControls policy policyStatus publicAccessBlock replication requestPayment restore retention select tagging torrent uploadId uploads versioning versions website".split(
    " ",
  ),
);

async function readSmallBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const isRead =
    contentType(request).includes("x-www-form-urlencoded") || request.headers["x-amz-target"] !== undefined;
  if (!isRead || Number(request.headers["content-length"] ?? Number.POSITIVE_INFINITY) > READ_UP_TO_BYTES) return;
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}
