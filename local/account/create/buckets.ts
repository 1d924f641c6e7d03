import {
  type BucketVersioningStatus,
  CreateBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  type ServerSideEncryption,
} from "@aws-sdk/client-s3";
import { z } from "zod";
import { PLACE } from "../../synth/synth.ts";
import { type Creator, creator, noEffectHere, unless } from "./creator.ts";

const InBucket = z.strictObject({ bucket: z.string() });
const Encryption = InBucket.extend({
  rules: z.array(
    z.object({
      applyServerSideEncryptionByDefault: z.object({ sseAlgorithm: z.string(), kmsMasterKeyId: z.string().optional() }),
      bucketKeyEnabled: z.boolean().optional(),
    }),
  ),
});
const PublicAccess = InBucket.extend({
  blockPublicAcls: z.boolean().optional(),
  blockPublicPolicy: z.boolean().optional(),
  ignorePublicAcls: z.boolean().optional(),
  restrictPublicBuckets: z.boolean().optional(),
});

/** Buckets and what is said of them as a whole. */
export const buckets: Record<string, Creator> = {
  "aws:s3/bucket:Bucket": creator(
    InBucket.extend({ forceDestroy: noEffectHere, tags: noEffectHere }),
    ({ bucket }, { account }) =>
      unless(["BucketAlreadyOwnedByYou"], () =>
        account.s3.send(
          new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: PLACE.region } }),
        ),
      ),
  ),

  "aws:s3/bucketVersioning:BucketVersioning": creator(
    InBucket.extend({ versioningConfiguration: z.object({ status: z.string() }) }),
    ({ bucket, versioningConfiguration: { status } }, { account }) =>
      account.s3.send(
        new PutBucketVersioningCommand({
          Bucket: bucket,
          VersioningConfiguration: { Status: status as BucketVersioningStatus },
        }),
      ),
  ),

  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": creator(
    Encryption,
    ({ bucket, rules }, { account }) =>
      account.s3.send(
        new PutBucketEncryptionCommand({
          Bucket: bucket,
          ServerSideEncryptionConfiguration: {
            Rules: rules.map(({ applyServerSideEncryptionByDefault: byDefault, bucketKeyEnabled }) => ({
              ApplyServerSideEncryptionByDefault: {
                SSEAlgorithm: byDefault.sseAlgorithm as ServerSideEncryption,
                KMSMasterKeyID: byDefault.kmsMasterKeyId,
              },
              BucketKeyEnabled: bucketKeyEnabled,
            })),
          },
        }),
      ),
  ),

  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": creator(PublicAccess, (block, { account }) =>
    account.s3.send(
      new PutPublicAccessBlockCommand({
        Bucket: block.bucket,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: block.blockPublicAcls,
          BlockPublicPolicy: block.blockPublicPolicy,
          IgnorePublicAcls: block.ignorePublicAcls,
          RestrictPublicBuckets: block.restrictPublicBuckets,
        },
      }),
    ),
  ),

  "aws:s3/bucketPolicy:BucketPolicy": creator(
    InBucket.extend({ policy: z.string() }),
    ({ bucket, policy }, { account }) =>
      account.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy })),
  ),
};
