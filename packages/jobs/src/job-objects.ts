import { Readable } from "node:stream";
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { sha256Of } from "@sluice/steps";
import type { JobInput } from "./input.ts";
import type { JobRef, JobReport } from "./job-item.ts";
import type { JobKind } from "./job-kind.ts";
import { inputKey, refusedKey, resultKey } from "./keys.ts";
import { type JobResult, namesOwnObjects, Refused, results } from "./result.ts";

/** The owner's side of the jobs bucket. */
export type JobObjects = Readonly<{
  /** Puts what a job's builds are told. Putting the same again is fine. */
  putInput(input: JobInput): Promise<void>;
  /**
   * A result, by version and SHA-256. "unreadable" when it is not what the report named, does not lie in the folder of the job's build that reported it, names
   * an object that does not, or is not of its kind: it is trusted in nothing.
   */
  result<K extends JobKind>(
    of: JobRef & Readonly<{ kind: K }>,
    report: Pick<JobReport, "build" | "result">,
  ): Promise<JobResult<K> | "unreadable">;
  refusal(of: JobRef): Promise<Refused | undefined>;
}>;

/** Several times what the largest result has. A build may put 5 GB. */
const MAX_RESULT_BYTES = 65_536;

/** What S3 says of what is not there. Without `s3:ListBucket` a missing object is "AccessDenied"; what can be no version's id is "InvalidArgument". */
const MISSING = ["NoSuchKey", "NoSuchVersion", "AccessDenied", "InvalidArgument"];

export function jobObjects(client: S3Client, Bucket: string): JobObjects {
  const text = async (Key: string, VersionId?: string) => {
    try {
      const at = { Bucket, Key, ...(VersionId && { VersionId }) };
      const { Body, ContentLength = 0 } = await client.send(new GetObjectCommand(at));
      if (ContentLength <= MAX_RESULT_BYTES) return await Body?.transformToString();
      if (Body instanceof Readable) Body.destroy();
      return undefined;
    } catch (cause) {
      if (cause instanceof Error && MISSING.includes(cause.name)) return undefined;
      throw cause;
    }
  };

  return {
    async putInput(input) {
      const Key = inputKey(input);
      const Body = JSON.stringify(input);
      await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: "application/json" }));
    },

    async result(of, { build, result: { key, versionId, sha256 } }) {
      if (key !== resultKey(of, build, "result.json")) return "unreadable";
      const body = await text(key, versionId);
      if (body === undefined || sha256Of(body) !== sha256) return "unreadable";
      const parsed = results[of.kind].safeParse(parseJson(body));
      if (!parsed.success || !namesOwnObjects(of, build, parsed.data)) return "unreadable";
      return parsed.data as JobResult<typeof of.kind>;
    },

    async refusal(of) {
      const body = await text(refusedKey(of));
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
