import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../../local/setup/run-command.ts";
import type { Tools } from "../../local/setup/tools.ts";

/** A copy of the Terraform tree to run in, and a state bucket: what a run writes never lands among the sources. */
export interface Workbench {
  readonly directory: string;
  /** Initialises a root on the bucket, with the lock file as it is committed. */
  init(root: string): Promise<void>;
  /** Writes values to a file beside the root, as data. Returns the flag that names it. */
  values(root: string, name: string, values: unknown): Promise<string>;
  /** @throws with Terraform's words when it ends with another code than 0. */
  terraform(folder: string, ...args: string[]): Promise<string>;
  remove(): Promise<void>;
}

export async function openWorkbench(options: {
  source: string;
  tools: Tools;
  endpoint: string;
  bucket: string;
}): Promise<Workbench> {
  const directory = await mkdtemp(join(tmpdir(), "sluice-terraform-"));
  await cp(options.source, directory, { recursive: true, filter: (path) => !path.endsWith("/.terraform") });
  const env = {
    PATH: options.tools.path,
    HOME: directory,
    LC_ALL: "C.UTF-8",
    TF_CLI_CONFIG_FILE: options.tools.terraformConfig,
    GOGC: "400", // As builds have it.
    TF_IN_AUTOMATION: "1",
    AWS_ENDPOINT_URL: options.endpoint,
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "AKIAOWNER",
    AWS_SECRET_ACCESS_KEY: "any",
    AWS_EC2_METADATA_DISABLED: "true",
  };
  const terraform = (folder: string, ...args: string[]) =>
    runCommand(options.tools.terraform, [`-chdir=${join(directory, folder)}`, ...args], { env });

  return {
    directory,
    terraform,
    init: async (root) => {
      const backend = { bucket: options.bucket, key: `staging/${root}`, use_lockfile: true };
      const file = join(directory, "live", root, "backend.tfbackend.json");
      await writeFile(file, JSON.stringify(backend));
      await terraform(`live/${root}`, "init", "-input=false", "-lockfile=readonly", `-backend-config=${file}`);
    },
    values: async (root, name, values) => {
      await writeFile(join(directory, "live", root, `${name}.tfvars.json`), JSON.stringify(values));
      return `-var-file=${name}.tfvars.json`;
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
