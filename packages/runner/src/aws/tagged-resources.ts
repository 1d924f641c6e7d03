import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import * as z from "zod";
import { noSecrets, secretsAnd } from "../masking/secrets.ts";
import { cutTo, toolWords } from "../masking/words.ts";
import { toolEnvironment } from "../tools/tool-environment.ts";
import type { TargetCredentials } from "./target-session.ts";

const Found = z.looseObject({ ResourceTagMappingList: z.array(z.looseObject({ ResourceARN: z.string() })) });
const Instances = z.looseObject({
  Reservations: z.array(z.looseObject({ Instances: z.array(z.looseObject({ InstanceId: z.string() })) })),
});

/**
 * Everything in the target account that carries these tags and is not being deleted, by ARN, all pages. By the AWS CLI, which every build has: it is asked
 * once in a while, after an interrupted apply, and never needs to be loaded otherwise.
 */
export async function taggedResources(
  env: Readonly<Record<string, string | undefined>>,
  credentials: TargetCredentials,
  region: string,
  tags: Readonly<Record<string, string>>,
): Promise<string[]> {
  const ask = cli(env, credentials, region);
  const filters = Object.entries(tags).map(([name, value]) => ({ Key: name, Values: [value] }));
  const answer = await ask("resourcegroupstaggingapi", "get-resources", "--tag-filters", JSON.stringify(filters));
  const arns = Found.parse(answer).ResourceTagMappingList.map(({ ResourceARN }) => ResourceARN);
  const gone = await goneInstances(ask, arns);
  return arns.filter((arn) => !gone.some((id) => arn.endsWith(`:instance/${id}`)));
}

type Ask = (...args: string[]) => Promise<unknown>;

/** A terminated instance keeps its tags for about an hour. Whoever deleted it by hand, as they were asked to, must not be shown it again. */
async function goneInstances(ask: Ask, arns: readonly string[]): Promise<string[]> {
  const ids = arns.flatMap((arn) => /:instance\/(i-[0-9a-f]+)$/.exec(arn)?.[1] ?? []);
  if (ids.length === 0) return [];
  const filters = [
    { Name: "instance-id", Values: ids },
    { Name: "instance-state-name", Values: ["shutting-down", "terminated"] },
  ];
  const answer = Instances.parse(await ask("ec2", "describe-instances", "--filters", JSON.stringify(filters)));
  return answer.Reservations.flatMap(({ Instances: found }) => found).map(({ InstanceId }) => InstanceId);
}

/** The AWS CLI as the session of the target account. @throws with its own words */
function cli(env: Readonly<Record<string, string | undefined>>, session: TargetCredentials, region: string): Ask {
  return async (...args) => {
    // Version 1 of the CLI knows AWS_DEFAULT_REGION only, version 2 both.
    const child = spawn("aws", [...args, "--region", region, "--output", "json"], {
      env: {
        ...withoutContainer(toolEnvironment(env)),
        AWS_ACCESS_KEY_ID: session.accessKeyId,
        AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
        AWS_SESSION_TOKEN: session.sessionToken,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
    const [code, answer, said] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    if (code !== 0) {
      const why = cutTo(toolWords(said.trim(), secretsAnd(noSecrets, Object.values(session))), 300);
      throw new Error(`The account could not be asked for what is tagged: ${why}`);
    }
    return JSON.parse(answer);
  };
}

/** The session of the target account speaks, never the build's own role. */
function withoutContainer(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("AWS_CONTAINER_")));
}
