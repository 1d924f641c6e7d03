import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { JobId, ObjectRef } from "@sluice/events";
import { sha256Of } from "@sluice/steps";
import type { JobInput } from "./input.ts";
import type { JobKind } from "./job-kind.ts";
import { inputKey, refusedKey } from "./keys.ts";
import { type JobResult, Refused, results } from "./result.ts";

/** The owner's side of the jobs bucket. */
export type JobObjects = Readonly<{
  /** Puts what a job's builds are told. Putting the same again is fine. */
  putInput(input: JobInput): Promise<void>;
  /** A result, by version and SHA-256. "unreadable" when it is not what the report named, or not of its kind: it is trusted in nothing. */
  result<K extends JobKind>(kind: K, ref: ObjectRef): Promise<JobResult<K> | "unreadable">;
  refusal(environment: string, kind: JobKind, job: JobId): Promise<Refused | undefined>;
}>;

export function jobObjects(client: S3Client, Bucket: string): JobObjects {
  const text = async (Key: string, VersionId?: string) => {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, ...(VersionId && { VersionId }) }));
      return await Body?.transformToString();
    } catch (cause) {
      // Without s3:ListBucket a missing object is "AccessDenied".
      if (cause instanceof Error && ["NoSuchKey", "NoSuchVersion", "AccessDenied"].includes(cause.name))
        return undefined;
      throw cause;
    }
  };

  return {
    async putInput(input) {
      const Key = inputKey(input.environment, input.kind, input.job);
      const Body = JSON.stringify(input);
      await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: "application/json" }));
    },

    async result(kind, ref) {
      const body = await text(ref.key, ref.versionId);
      if (body === undefined || sha256Of(body) !== ref.sha256) return "unreadable";
      const parsed = results[kind].safeParse(parseJson(body));
      return parsed.success ? (parsed.data as JobResult<typeof kind>) : "unreadable";
    },

    async refusal(environment, kind, job) {
      const body = await text(refusedKey(environment, kind, job));
      const parsed = Refused.safeParse(body === undefined ? undefined : parseJson(body));
      return parsed.success ? parsed.data : undefined;
    },
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
