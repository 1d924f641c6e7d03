import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startProcess } from "../process/start-process.ts";

/** What the stacks would create, as plain data. The same stacks give the same bytes. */
export interface Synth {
  app: { name: string; stage: string; region: string; account: string; removal: string };
  /** What `run()` in `sst.config.ts` returned. */
  outputs: Record<string, unknown>;
  /** By the name of the SST function. */
  functions: Record<string, FunctionBuild>;
  /** Sorted by type, then name. */
  resources: SynthResource[];
}

export interface SynthResource {
  name: string;
  /** Pulumi's token, such as `aws:sqs/queue:Queue`. */
  type: string;
  /** False for a component, which groups resources and exists nowhere. */
  custom: boolean;
  /** The URN of the component that made it. */
  parent: string;
  inputs: Record<string, unknown>;
  /** What AWS would add: ids, ARNs, URLs. Derived from name and inputs. */
  computed: Record<string, unknown>;
  /** Paths of the inputs that Pulumi would encrypt in its state. */
  secrets: string[];
  /** URNs. */
  dependsOn: string[];
  ignoreChanges: string[];
  retainOnDelete: boolean;
  protect: boolean;
  /** On a Lambda function: the key in `Synth.functions` of the bundle that it runs. */
  build?: string;
}

export interface FunctionBuild {
  /** The handler as the stack names it, such as `services/intake/src/handlers/sweep.handler`. */
  source: string;
  runtime: string;
  /** Relative to the app's root; holds `bundle` and its source map. */
  directory: string;
  /** The file to import, always an ES module. */
  bundle: string;
  /** Size of the bundle without its map. */
  bytes: number;
}

/** Where a synth pretends to deploy to. */
export const PLACE = { region: "eu-west-1", account: "000000000000" } as const;

/**
 * Evaluates `sst.config.ts` and its stacks offline and builds the function bundles, in a process of its own because
 * Pulumi and SST keep their state in globals. The JSON is left in `out`, the bundles beside it.
 *
 * @throws when a stack throws, when a bundle does not build, or for a resource type whose computed attributes nobody
 *   has described (see `computed-attributes.ts`).
 */
export async function synthesize({ root, stage, out }: { root: string; stage: string; out: string }): Promise<Synth> {
  await mkdir(dirname(out), { recursive: true });
  const logFile = `${out}.log`;
  await rm(logFile, { force: true });
  const synth = await startProcess({
    name: "synth",
    command: process.execPath,
    args: [
      "--disable-warning=ExperimentalWarning",
      fileURLToPath(new URL("main.ts", import.meta.url)),
      root,
      stage,
      out,
    ],
    env: { PATH: process.env.PATH ?? "" },
    cwd: root,
    logFile,
  });

  const code = await synth.exited;
  if (code !== 0) throw new Error(`The synth of ${join(root, "sst.config.ts")} failed:\n${await tail(logFile)}`);
  return JSON.parse(await readFile(out, "utf8"));
}

async function tail(file: string): Promise<string> {
  return (await readFile(file, "utf8")).slice(-4_000);
}
