import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { CodeBuildClient } from "@aws-sdk/client-codebuild";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Synth, SynthResource } from "../synth/synth.ts";
import { buckets } from "./create/buckets.ts";
import { bus } from "./create/bus.ts";
import type { Account, Creator, Deployment } from "./create/creator.ts";
import { keys } from "./create/keys.ts";
import { objects } from "./create/objects.ts";
import { projects } from "./create/projects.ts";
import { queues } from "./create/queues.ts";
import { roles } from "./create/roles.ts";
import { secrets } from "./create/secrets.ts";
import { tables } from "./create/tables.ts";
import { type Deployed, resolve } from "./deployed.ts";
import { ELSEWHERE, STAGES } from "./stages.ts";

const CREATORS: Record<string, Creator> = {
  ...buckets,
  ...bus,
  ...keys,
  ...objects,
  ...projects,
  ...queues,
  ...roles,
  ...secrets,
  ...tables,
};

/** Calls at a time: the emulator answers one after the other anyway. */
const CONCURRENCY = 12;

/**
 * Creates the synthesized resources and writes what came of it to `out`. On an account that an earlier deployment with the
 * same `out` has filled, new things are added and what a code change changes is brought up to date (policies, projects,
 * rules, objects); nothing is deleted and tables keep their items.
 *
 * @throws for a type that is neither created nor known to be handled elsewhere, and with the resource's name when it is
 *   refused.
 */
export async function deploy({
  root,
  synth,
  endpoint,
  rootCredentials,
  out,
}: {
  root: string;
  synth: Synth;
  endpoint: string;
  rootCredentials: { accessKeyId: string; secretAccessKey: string };
  out: string;
}): Promise<Deployed> {
  const resources = synth.resources.filter(({ custom }) => custom);
  refuseUnknown(resources);

  const before: Partial<Deployed> = existsSync(out) ? JSON.parse(await readFile(out, "utf8")) : {};
  const real: Record<string, string> = {};
  const deployment: Deployment = {
    account: clients({ endpoint, region: synth.app.region, credentials: rootCredentials }),
    root,
    endpoint,
    buckets: new Set(
      resources.filter(({ type }) => type === "aws:s3/bucket:Bucket").map((r) => String(r.inputs.bucket)),
    ),
    policiesBeside: (role) => policyNames(resources, role),
    realOf: (synthesized) => before.real?.[synthesized],
    note: (synthesized, value) => {
      if (value !== undefined) real[String(synthesized)] = value;
    },
  };
  for (const types of STAGES) {
    const stage = resources.filter(({ type }) => types.includes(type));
    for (const part of deadLetterQueuesFirst(stage))
      await forEach(part, (resource) => create(resource, { real }, deployment));
  }

  const deployed = { endpoint, real };
  await writeFile(out, JSON.stringify(deployed, null, 1));
  return deployed;
}

async function create(resource: SynthResource, so: Pick<Deployed, "real">, deployment: Deployment): Promise<void> {
  try {
    const { name, computed } = resource;
    await CREATORS[resource.type]?.({ name, computed, inputs: resolve(so, resource.inputs) }, deployment);
  } catch (cause) {
    throw new Error(`Cannot deploy ${resource.type} ${resource.name}: ${String(cause)}`, { cause });
  }
}

function refuseUnknown(resources: readonly SynthResource[]): void {
  const staged = new Set(STAGES.flat());
  for (const { type, name } of resources)
    if (!(staged.has(type) && CREATORS[type]) && !ELSEWHERE.has(type))
      throw new Error(`The deployment does not know ${type} (${name}): see local/account/stages.ts`);
}

function clients(config: {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}): Account {
  return {
    codebuild: new CodeBuildClient(config),
    dynamodb: new DynamoDBClient(config),
    events: new EventBridgeClient(config),
    iam: new IAMClient(config),
    kms: new KMSClient(config),
    s3: new S3Client(config),
    secrets: new SecretsManagerClient(config),
    sqs: new SQSClient(config),
  };
}

/** A redrive policy is refused when its dead-letter queue is not there. */
function deadLetterQueuesFirst(stage: readonly SynthResource[]): SynthResource[][] {
  const leadsToOne = ({ inputs }: SynthResource) => inputs.redrivePolicy !== undefined;
  return [stage.filter((resource) => !leadsToOne(resource)), stage.filter(leadsToOne)];
}

/** The names under which the stacks' `RolePolicy` resources put policies into a role. */
function policyNames(resources: readonly SynthResource[], role: string): string[] {
  return resources
    .filter(({ type, inputs }) => type === "aws:iam/rolePolicy:RolePolicy" && inputs.role === role)
    .map(({ name, inputs }) => String(inputs.name ?? name));
}

async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const worker = async () => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}
