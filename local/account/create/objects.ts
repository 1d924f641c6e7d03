import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { z } from "zod";
import { type Creator, creator, type Deployment } from "./creator.ts";

const BucketObject = z.strictObject({
  bucket: z.string(),
  key: z.string(),
  content: z.string().optional(),
  contentBase64: z.string().optional(),
  source: z.union([z.object({ $asset: z.string() }), z.object({ $text: z.string() })]).optional(),
  contentType: z.string().optional(),
});

/**
 * Objects of the stacks' own buckets. What is there with the same content is not put again, so its version stays, and
 * nothing is ever deleted. SST's bucket for function code is not made: the Lambda host runs the bundles from disk.
 */
export const objects: Record<string, Creator> = {
  "aws:s3/bucketObjectv2:BucketObjectv2": creator(BucketObject, async (object, deployment, { computed }) => {
    if (!deployment.buckets.has(object.bucket)) return;
    const body = await contentOf(object, deployment.root);
    const version = (await versionWith(body, object, deployment)) ?? (await put(body, object, deployment));
    deployment.note(computed.versionId, version);
  }),
};

type BucketObject = z.infer<typeof BucketObject>;

async function put(body: Buffer, object: BucketObject, { account }: Deployment): Promise<string | undefined> {
  const { VersionId } = await account.s3.send(
    new PutObjectCommand({ Bucket: object.bucket, Key: object.key, Body: body, ContentType: object.contentType }),
  );
  return VersionId;
}

/** The version of the object, when it has this content. */
async function versionWith(body: Buffer, { bucket, key }: BucketObject, { account }: Deployment) {
  try {
    const { ETag, VersionId } = await account.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return ETag === `"${createHash("md5").update(body).digest("hex")}"` ? VersionId : undefined;
  } catch (error) {
    if (error instanceof Error && (error.name === "NotFound" || error.name === "NoSuchKey")) return undefined;
    throw error;
  }
}

async function contentOf({ key, content, contentBase64, source }: BucketObject, root: string): Promise<Buffer> {
  if (content !== undefined) return Buffer.from(content);
  if (contentBase64 !== undefined) return Buffer.from(contentBase64, "base64");
  if (source && "$text" in source) return Buffer.from(source.$text);
  if (source) return readFile(join(root, source.$asset));
  throw new Error(`Object ${key} has no content`);
}
