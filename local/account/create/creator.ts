import type { CodeBuildClient } from "@aws-sdk/client-codebuild";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { IAMClient } from "@aws-sdk/client-iam";
import type { KMSClient } from "@aws-sdk/client-kms";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";

export interface Account {
  codebuild: CodeBuildClient;
  dynamodb: DynamoDBClient;
  events: EventBridgeClient;
  iam: IAMClient;
  kms: KMSClient;
  s3: S3Client;
  secrets: SecretsManagerClient;
  sqs: SQSClient;
}

export interface Deployment {
  account: Account;
  /** Files are named relative to it. */
  root: string;
  /** Where queue URLs must lead: the host of a `QueueUrl` wins over `AWS_ENDPOINT_URL`. */
  endpoint: string;
  /** The names of the buckets that the stacks make. */
  buckets: ReadonlySet<string>;
  /** The names of a role's policies that are resources of their own. */
  policiesBeside(role: string): readonly string[];
  /** The real value of a synthesized one, from an earlier deployment to this account. */
  realOf(synthesized: string): string | undefined;
  note(synthesized: unknown, real: string | undefined): void;
}

/** Creates a resource, or brings the one that an earlier deployment made up to date. */
export type Creator = (
  resource: { name: string; inputs: Record<string, unknown>; computed: Record<string, unknown> },
  deployment: Deployment,
) => Promise<void>;

/** An input that the emulator has no use for. What a creator neither applies nor names like this is refused. */
export const noEffectHere: z.ZodOptional<z.ZodUnknown> = z.unknown().optional();

/** A creator of resources whose inputs have this shape, which must be strict: others are refused. */
export function creator<S extends z.ZodType>(
  schema: S,
  create: (
    inputs: z.infer<S>,
    deployment: Deployment,
    resource: { name: string; computed: Record<string, unknown> },
  ) => Promise<unknown>,
): Creator {
  return async ({ inputs, ...resource }, deployment) => {
    await create(schema.parse(inputs), deployment, resource);
  };
}

/** Runs the call and takes these errors for an answer: "it is there already" or "it is not there". Resolves to whether it succeeded. */
export async function unless(errors: readonly string[], call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (error instanceof Error && errors.includes(error.name)) return false;
    throw error;
  }
}
