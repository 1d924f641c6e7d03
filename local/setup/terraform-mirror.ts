import { randomUUID } from "node:crypto";
import { copyFile, readdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { installOnce } from "./install-once.ts";
import { MissingPrerequisite } from "./missing-prerequisite.ts";
import { runCommand } from "./run-command.ts";
import { terraformPlatform } from "./terraform.ts";

/** The one provider that the roots use, at the version of their lock files. */
const PROVIDER = { host: "registry.terraform.io", name: "hashicorp/aws", version: "5.100.0" };

/** Where add-on software and shared data lie by convention; looked through two levels deep and no further. */
const SHARED_ROOTS = ["/opt", "/usr/share", "/usr/local/share"];
const DEEPEST = 2;

/**
 * A folder that already holds our provider, laid out as Terraform's filesystem mirrors are: the one that
 * `SLUICE_TERRAFORM_MIRROR` names, else Terraform's implied folders, else one under the shared roots.
 *
 * @throws when the named folder does not hold it: a setting that is silently passed over would mislead.
 */
export async function findMirror(
  env: Readonly<Record<string, string>>,
  {
    sharedRoots = SHARED_ROOTS,
    platform = terraformPlatform(),
  }: { sharedRoots?: readonly string[]; platform?: string } = {},
): Promise<string | undefined> {
  const named = env.SLUICE_TERRAFORM_MIRROR;
  if (named) {
    if (await holdsProvider(named, platform)) return named;
    throw new Error(
      `SLUICE_TERRAFORM_MIRROR is ${named}, which does not hold ${PROVIDER.name} ${PROVIDER.version} for ${platform}`,
    );
  }
  for (const folder of impliedFolders(env)) if (await holdsProvider(folder, platform)) return folder;
  for (const root of sharedRoots) {
    const found = await searchBelow(root, DEEPEST, platform);
    if (found) return found;
  }
  return undefined;
}

/**
 * Writes a CLI configuration that takes our provider from the mirror, never asking the network for it, and everything else
 * from its registry. No plugin cache: from a mirror's folders `init` only links.
 */
export async function writeTerraformConfig(file: string, mirror: string): Promise<void> {
  const ours = `["${PROVIDER.host}/${PROVIDER.name}"]`;
  const lines = [
    "disable_checkpoint = true",
    "provider_installation {",
    "  filesystem_mirror {",
    `    path    = ${JSON.stringify(mirror)}`,
    `    include = ${ours}`,
    "  }",
    "  direct {",
    `    exclude = ${ours}`,
    "  }",
    "}",
    "",
  ];
  const fresh = `${file}.${randomUUID()}`;
  await writeFile(fresh, lines.join("\n"));
  await rename(fresh, file);
}

/**
 * Makes a mirror beside `path` for a machine that has none: Terraform itself fetches the provider, once, checked against the
 * lock file of the folder `root`. What it leaves is laid out as a mirror. So builds that start together share no cache that
 * they could spoil, and need no network.
 *
 * @throws MissingPrerequisite when it cannot be fetched.
 */
export async function fetchMirror(
  path: string,
  { terraform, root, env }: { terraform: string; root: string; env: Record<string, string> },
): Promise<string> {
  return installOnce({
    path,
    fingerprint: `${PROVIDER.name} ${PROVIDER.version}`,
    install: async (directory) => {
      for (const file of ["versions.tf", ".terraform.lock.hcl"])
        await copyFile(join(root, file), join(directory, file));
      try {
        await runCommand(terraform, [`-chdir=${directory}`, "init", "-backend=false", "-lockfile=readonly"], { env });
      } catch (cause) {
        throw new MissingPrerequisite(
          `Terraform's provider ${PROVIDER.name} ${PROVIDER.version} could not be fetched. Without internet, name a folder that ` +
            "holds it in SLUICE_TERRAFORM_MIRROR: https://developer.hashicorp.com/terraform/cli/commands/providers/mirror",
          { cause },
        );
      }
      await rename(join(directory, ".terraform/providers", PROVIDER.host), join(directory, PROVIDER.host));
    },
  });
}

/** https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories */
function impliedFolders(env: Readonly<Record<string, string>>): string[] {
  const home = env.HOME
    ? [join(env.HOME, ".terraform.d/plugins"), join(env.HOME, ".local/share/terraform/plugins")]
    : [];
  const mac = env.HOME ? [join(env.HOME, "Library/Application Support/io.terraform/plugins")] : [];
  return [...home, ...mac, "/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins"];
}

async function searchBelow(folder: string, levels: number, platform: string): Promise<string | undefined> {
  if (await holdsProvider(folder, platform)) return folder;
  if (levels === 1) return undefined;
  for (const child of await foldersIn(folder)) {
    const found = await searchBelow(join(folder, child), levels - 1, platform);
    if (found) return found;
  }
  return undefined;
}

async function holdsProvider(folder: string, platform: string): Promise<boolean> {
  const provider = join(folder, PROVIDER.host, PROVIDER.name);
  const packed = `terraform-provider-aws_${PROVIDER.version}_${platform}.zip`;
  return (await exists(join(provider, PROVIDER.version, platform))) || (await exists(join(provider, packed)));
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false; // Absent or not ours to read: either way it does not serve.
  }
}

async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch {
    return []; // Most machines lack some of the roots.
  }
}
