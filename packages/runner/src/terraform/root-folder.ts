import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Where a provider acts and as whom: the root's ephemeral variable `target`, which never stands in a plan file. The environment's region need not be the build's own. */
export type Target = Readonly<{
  region: string;
  role_arn: string;
  external_id: string;
  session_name: string;
  tags: Readonly<Record<string, string>>;
}>;

export type RootFolder = Readonly<{ path: string }>;

/**
 * A working copy of one Terraform root with the modules beside it, with everything it is told in files: users' values are data of a `*.tfvars.json`
 * and never part of a command.
 *
 * @param release the unpacked code release
 * @param work an empty folder of this build
 */
export async function prepareRoot({
  release,
  work,
  root,
  backend,
  variables,
  target,
}: {
  release: string;
  work: string;
  root: string;
  backend: Readonly<{ bucket: string; key: string; region: string }>;
  variables: Readonly<Record<string, unknown>>;
  target: Target;
}): Promise<RootFolder> {
  const path = join(work, "live", root);
  await mkdir(join(work, "live"), { recursive: true });
  await cp(join(release, "terraform", "live", root), path, { recursive: true });
  await cp(join(release, "terraform", "modules"), join(work, "modules"), { recursive: true });
  await writeFile(join(path, BACKEND_FILE), backendText(backend));
  await writeFile(join(path, VARIABLES_FILE), JSON.stringify(variables));
  await writeFile(join(path, TARGET_FILE), JSON.stringify({ target }));
  return { path };
}

export const BACKEND_FILE = "sluice.s3.tfbackend";
export const VARIABLES_FILE = "sluice.tfvars.json";
export const TARGET_FILE = "sluice-target.tfvars.json";

/** The names are of identifiers and buckets, which hold no quotes; JSON strings are HCL strings for them. */
function backendText({ bucket, key, region }: { bucket: string; key: string; region: string }): string {
  return [
    `bucket       = ${JSON.stringify(bucket)}`,
    `key          = ${JSON.stringify(key)}`,
    `region       = ${JSON.stringify(region)}`,
    "use_lockfile = true",
    "",
  ].join("\n");
}
