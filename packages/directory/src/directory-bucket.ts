import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { Directory } from "./directory.ts";

/** The directory as it is now, and the version that a decision made by it is stored with. */
export type DirectoryReading = Readonly<{ directory: Directory; version: string }>;

export type DirectoryReader = () => Promise<DirectoryReading | undefined>;

/** Reads the directory, uncached. Nothing when it is missing or not a directory: then nobody is anybody. An unreachable bucket throws: it may be there later. */
export function directoryBucket(client: S3Client, bucket: string, key = "directory.json"): DirectoryReader {
  return async () => {
    const text = await textOf(client, bucket, key);
    if (!text) return undefined;
    const directory = Directory.safeParse(parseJson(text.body));
    return directory.success ? { directory: directory.data, version: text.version } : undefined;
  };
}

async function textOf(client: S3Client, Bucket: string, Key: string) {
  try {
    const { Body, VersionId } = await client.send(new GetObjectCommand({ Bucket, Key }));
    return Body ? { body: await Body.transformToString(), version: VersionId ?? "null" } : undefined;
  } catch (cause) {
    if (cause instanceof Error && (cause.name === "NoSuchKey" || cause.name === "AccessDenied")) return undefined;
    throw cause;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
