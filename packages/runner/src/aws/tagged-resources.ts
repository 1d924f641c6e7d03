import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { toolEnvironment } from "../tools/tool-environment.ts";
import type { TargetCredentials } from "./target-session.ts";

const Found = z.looseObject({ ResourceTagMappingList: z.array(z.looseObject({ ResourceARN: z.string() })) });

/**
 * Everything in the target account that carries these tags, by ARN, all pages. By the AWS CLI, which every build has: it is asked once in a while,
 * after an interrupted apply, and never needs to be loaded otherwise.
 */
export async function taggedResources(
  env: Readonly<Record<string, string | undefined>>,
  credentials: TargetCredentials,
  region: string,
  tags: Readonly<Record<string, string>>,
): Promise<string[]> {
  const filters = Object.entries(tags).map(([name, value]) => ({ Key: name, Values: [value] }));
  const child = spawn(
    "aws",
    // Version 1 of the CLI knows AWS_DEFAULT_REGION only, version 2 both.
    [
      "resourcegroupstaggingapi",
      "get-resources",
      "--region",
      region,
      "--output",
      "json",
      "--tag-filters",
      JSON.stringify(filters),
    ],
    {
      env: {
        ...withoutContainer(toolEnvironment(env)),
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_SESSION_TOKEN: credentials.sessionToken,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const ended = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  const [code, answer, words] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new Error(`The account could not be asked for what is tagged: ${words.trim().slice(0, 300)}`);
  return Found.parse(JSON.parse(answer)).ResourceTagMappingList.map(({ ResourceARN }) => ResourceARN);
}

/** The session of the target account speaks, never the build's own role. */
function withoutContainer(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("AWS_CONTAINER_")));
}
