import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { ObjectRef } from "@sluice/events";
import { sha256Of } from "@sluice/steps";

/** S3 says "access denied" for what is not there to whoever may not list. */
const GONE = ["NoSuchKey", "NoSuchVersion", "AccessDenied"];

/** Reads what a build left, by version. Nothing when it is gone or is not what was named: what people sign for is never shown otherwise. */
export async function readResult(client: S3Client, Bucket: string, ref: ObjectRef): Promise<string | undefined> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: ref.key, VersionId: ref.versionId }));
    const text = await Body?.transformToString();
    return text !== undefined && sha256Of(text) === ref.sha256 ? text : undefined;
  } catch (cause) {
    if (cause instanceof Error && GONE.includes(cause.name)) return undefined;
    throw cause;
  }
}
