import type { ObjectRef } from "@sluice/events";
import * as z from "zod";
import type { Build } from "../build.ts";
import { JobFailure } from "../job-failure.ts";
import { parseExact } from "../json/exact-json.ts";
import { words } from "../masking/words.ts";

/** A host that an apply made. Its parts stand in a command of ssh's, so they are names and nothing else. */
const Host = z.looseObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,62}$/),
  instance_id: z.string().regex(/^i-[0-9a-f]{8,17}$/),
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/)
    .default("ubuntu")
    .describe("The account of the image that may become root"),
});
export type Host = Readonly<Pick<z.infer<typeof Host>, "name" | "instance_id" | "user">>;

const Outputs = z.looseObject({ hosts: z.array(Host) });

/**
 * The hosts of exactly this version of an apply's outputs.
 *
 * @param code of the failure
 * @throws JobFailure when the object is not what was promised, or does not say hosts as it should
 */
export async function appliedHosts(build: Pick<Build, "jobs">, outputs: ObjectRef, code: string): Promise<Host[]> {
  const bytes = await build.jobs.get(outputs);
  if (bytes === "changed") throw new JobFailure(code, words`The apply's outputs are not what they were.`);
  const parsed = Outputs.safeParse(parseExact(new TextDecoder().decode(bytes)));
  if (!parsed.success)
    throw new JobFailure(code, words`The apply's outputs do not name hosts as they should.`, { cause: parsed.error });
  const { hosts } = parsed.data;
  if (new Set(hosts.map(({ name }) => name)).size !== hosts.length)
    throw new JobFailure(code, words`The apply's outputs name a host twice.`);
  return hosts.map(({ name, instance_id, user }) => ({ name, instance_id, user }));
}
