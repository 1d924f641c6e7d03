import {
  type AttributeDefinition,
  type BillingMode,
  CreateTableCommand,
  type KeySchemaElement,
  type ProjectionType,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { z } from "zod";
import { type Creator, creator, noEffectHere, unless } from "./creator.ts";

const Keys = z.object({ hashKey: z.string(), rangeKey: z.string().optional() });
const Index = Keys.extend({
  name: z.string(),
  projectionType: z.string(),
  nonKeyAttributes: z.array(z.string()).optional(),
});
const Table = z.strictObject({
  ...Keys.shape,
  name: z.string(),
  attributes: z.array(z.object({ name: z.string(), type: z.enum(["S", "N", "B"]) })),
  billingMode: z.string().default("PAY_PER_REQUEST"),
  deletionProtectionEnabled: z.boolean().default(false),
  globalSecondaryIndexes: z.array(Index).default([]),
  ttl: z.object({ attributeName: z.string(), enabled: z.boolean().default(true) }).optional(),
  // Streams and local indexes would be missed: only "none" is taken.
  streamEnabled: z.literal(false).optional(),
  localSecondaryIndexes: z.array(z.never()).optional(),
  pointInTimeRecovery: noEffectHere,
  tags: noEffectHere,
  serverSideEncryption: z.object({ enabled: z.boolean(), kmsKeyArn: z.string().optional() }).optional(),
});

/** Tables are made once; a later deployment leaves them and what is in them as they are. */
export const tables: Record<string, Creator> = {
  "aws:dynamodb/table:Table": creator(Table, async (table, { account }) => {
    const created = await unless(["ResourceInUseException"], () =>
      account.dynamodb.send(
        new CreateTableCommand({
          TableName: table.name,
          AttributeDefinitions: table.attributes.map(
            ({ name, type }): AttributeDefinition => ({ AttributeName: name, AttributeType: type }),
          ),
          KeySchema: keySchema(table),
          BillingMode: table.billingMode as BillingMode,
          DeletionProtectionEnabled: table.deletionProtectionEnabled,
          ...(table.globalSecondaryIndexes.length && {
            GlobalSecondaryIndexes: table.globalSecondaryIndexes.map((index) => ({
              IndexName: index.name,
              KeySchema: keySchema(index),
              Projection: {
                ProjectionType: index.projectionType as ProjectionType,
                NonKeyAttributes: index.nonKeyAttributes,
              },
            })),
          }),
          ...(table.serverSideEncryption?.kmsKeyArn && {
            SSESpecification: { Enabled: true, SSEType: "KMS", KMSMasterKeyId: table.serverSideEncryption.kmsKeyArn },
          }),
        }),
      ),
    );
    if (created && table.ttl)
      await account.dynamodb.send(
        new UpdateTimeToLiveCommand({
          TableName: table.name,
          TimeToLiveSpecification: { AttributeName: table.ttl.attributeName, Enabled: table.ttl.enabled },
        }),
      );
  }),
};

function keySchema({ hashKey, rangeKey }: z.infer<typeof Keys>): KeySchemaElement[] {
  const hash: KeySchemaElement = { AttributeName: hashKey, KeyType: "HASH" };
  return rangeKey ? [hash, { AttributeName: rangeKey, KeyType: "RANGE" }] : [hash];
}
