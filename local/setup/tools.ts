import { randomUUID } from "node:crypto";
import { mkdir, readlink, realpath, rename, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { withLock } from "./lock.mjs";
import { nodeOfBuilds } from "./node-of-builds.ts";
import { type Report, watched } from "./progress.ts";
import { ensurePythonPackages } from "./python.ts";
import { systemEnvironment } from "./system-environment.ts";
import { fetchTerraform, findTerraform } from "./terraform.ts";
import { fetchMirror, findMirror, writeTerraformConfig } from "./terraform-mirror.ts";

/** What the local cloud starts, as absolute paths. A tool that was not wanted may be absent there. */
export interface Tools {
  /** Python of the environment that has MiniStack, moto's server and cryptography. */
  readonly python: string;
  /** The AWS CLI. */
  readonly aws: string;
  readonly terraform: string;
  /** For `TF_CLI_CONFIG_FILE`. */
  readonly terraformConfig: string;
  /** A `PATH` for builds: node as their image has it, terraform, ansible-playbook and aws of this project, then the system's own programs. */
  readonly path: string;
}

export type WantedTool = "python" | "terraform" | "sst";

/**
 * Brings what is wanted into `.sluice/tools/`, in parallel, and resolves with where it is. What is there already is not made
 * again and not reported. Safe to call from several processes at once.
 *
 * @throws MissingPrerequisite naming what this machine lacks and how to get it.
 */
export async function ensureTools({
  root,
  want,
  report = () => undefined,
}: {
  root: string;
  want: readonly WantedTool[];
  report?: Report;
}): Promise<Tools> {
  await mkdir(join(root, ".sluice/tools"), { recursive: true });
  // The real path: programs in there carry it, and a copy of the tree that links to the same tools must not make them anew.
  const directory = await realpath(join(root, ".sluice/tools"));
  const bin = join(directory, "bin");
  await mkdir(bin, { recursive: true });
  const env = systemEnvironment();
  const terraformConfig = join(directory, "terraform.rc");
  let terraform = join(bin, "terraform");
  let packages = bin;

  const makers: Record<WantedTool, () => Promise<unknown>> = {
    python: async () => {
      packages = await watched(report, PYTHON, () => ensurePythonPackages(join(directory, "python"), env));
      for (const program of ["aws", "ansible-playbook"]) await pointTo(join(bin, program), join(packages, program));
    },
    terraform: async () => {
      terraform = await ensureTerraform(directory, env, report);
      const mirror = (await findMirror(env)) ?? (await ensureMirror({ root, directory, terraform, env, report }));
      await writeTerraformConfig(terraformConfig, mirror);
      await pointTo(join(bin, "terraform"), terraform);
    },
    sst: () => watched(report, SST, () => ensureSst(root, directory)),
  };
  const outcomes = await Promise.allSettled([...new Set(want)].map((tool) => makers[tool]()));
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;

  await pointTo(join(bin, "node"), nodeOfBuilds);
  return {
    python: join(packages, "python3"),
    aws: join(packages, "aws"),
    terraform,
    terraformConfig,
    path: [bin, "/usr/bin", "/bin", "/usr/sbin", "/sbin"].join(":"),
  };
}

const PYTHON = { part: "Python packages", why: "the AWS emulators, the AWS CLI and Ansible, 560 MB", usualSeconds: 20 };
const TERRAFORM = {
  part: "Terraform",
  why: "to plan and apply; the PATH has none of the pinned version",
  usualSeconds: 20,
};
const PROVIDER = {
  part: "Terraform's AWS provider",
  why: "this machine has no mirror of it, 700 MB",
  usualSeconds: 60,
};
const SST = { part: "SST's components", why: "to evaluate the stacks offline, 320 MB", usualSeconds: 45 };

async function ensureMirror(options: {
  root: string;
  directory: string;
  terraform: string;
  env: Record<string, string>;
  report: Report;
}): Promise<string> {
  const made = join(options.directory, "terraform-providers");
  const { TF_CLI_CONFIG_FILE: _, ...env } = options.env; // It may name a file that does not exist.
  const root = join(options.root, "terraform/live/virtual_machine");
  return watched(options.report, PROVIDER, () => fetchMirror(made, { terraform: options.terraform, root, env }));
}

/** Evaluating the stacks needs it and `npm ci` has to be over: so it is looked up only here. One process installs, others wait. */
async function ensureSst(root: string, directory: string): Promise<void> {
  const { ensureSstPlatform } = await import("../synth/sst-platform.ts");
  await withLock(join(directory, "sst.lock"), () => ensureSstPlatform({ root, report: () => undefined }));
}

async function ensureTerraform(directory: string, env: Record<string, string>, report: Report): Promise<string> {
  const onPath = await findTerraform(env);
  if (onPath) return onPath;
  return watched(report, TERRAFORM, () => fetchTerraform(join(directory, "terraform-release"), env));
}

/** Replaces the link in one step, so that a build that looks while we write still finds the program. */
async function pointTo(link: string, target: string): Promise<void> {
  if ((await readlink(link).catch(() => undefined)) === target) return;
  const fresh = `${link}.${randomUUID()}`;
  await mkdir(dirname(link), { recursive: true });
  await symlink(target, fresh);
  await rename(fresh, link);
}
