import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { ObjectRef } from "@sluice/events";
import { sha256Of } from "@sluice/steps";

/** One bucket. What is written can be named by version and hash, and what is read by version is checked against its hash. */
export type ObjectStore = Readonly<{
  put(key: string, body: string | Uint8Array): Promise<ObjectRef>;
  /** Exactly this version's bytes, or `changed` when they do not hash to what was promised or the version is not there. */
  get(ref: ObjectRef): Promise<Uint8Array | "changed">;
  /** The newest version's text, or nothing when there is none. */
  latest(key: string): Promise<string | undefined>;
}>;

/** @throws when S3 refuses or cannot be reached. */
export function objectStore(client: S3Client, bucket: string): ObjectStore {
  return {
    async put(Key, Body) {
      const { VersionId } = await client.send(
        new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: typeOf(Key) }),
      );
      if (!VersionId) throw new Error(`The bucket of ${Key} keeps no versions`);
      return { key: Key, versionId: VersionId, sha256: sha256Of(Body) };
    },
    async get({ key, versionId, sha256 }) {
      const bytes = await bytesOf(client, { Bucket: bucket, Key: key, VersionId: versionId });
      return bytes && sha256Of(bytes) === sha256 ? bytes : "changed";
    },
    async latest(Key) {
      const bytes = await bytesOf(client, { Bucket: bucket, Key });
      return bytes && new TextDecoder().decode(bytes);
    },
  };
}

async function bytesOf(client: S3Client, object: { Bucket: string; Key: string; VersionId?: string }) {
  try {
    const { Body } = await client.send(new GetObjectCommand(object));
    return await Body?.transformToByteArray();
  } catch (cause) {
    if (cause instanceof Error && (cause.name === "NoSuchKey" || cause.name === "NoSuchVersion")) return undefined;
    throw cause;
  }
}

function typeOf(key: string): string {
  return key.endsWith(".json") ? "application/json" : "application/octet-stream";
}
