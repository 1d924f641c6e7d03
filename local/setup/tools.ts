import { mkdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { withLock } from "./lock.mjs";
import type { Report, SetupEvent } from "./progress.ts";
import { ensurePythonPackages } from "./python.ts";
import { fetchTerraform, findTerraform } from "./terraform.ts";
import { findMirror, writeTerraformConfig } from "./terraform-mirror.ts";

/** What the local cloud starts, as absolute paths. A tool that was not wanted may be absent there. */
export interface Tools {
  /** Python of the environment that has MiniStack, moto's server and cryptography. */
  readonly python: string;
  /** The AWS CLI. */
  readonly aws: string;
  readonly terraform: string;
  /** For `TF_CLI_CONFIG_FILE`. */
  readonly terraformConfig: string;
  /** A `PATH` for builds: node, terraform and aws of this project, then the system's own programs. */
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
  const directory = join(root, ".sluice/tools");
  const bin = join(directory, "bin");
  await mkdir(bin, { recursive: true });
  const env = systemEnvironment();
  const packages = join(directory, "python/packages/bin");
  const terraformConfig = join(directory, "terraform.rc");
  let terraform = join(bin, "terraform");

  const makers: Record<WantedTool, () => Promise<unknown>> = {
    python: () => watched(report, PYTHON, () => ensurePythonPackages(join(directory, "python"), env)),
    terraform: async () => {
      terraform = await ensureTerraform(directory, env, report);
      const cache = join(directory, "terraform-providers");
      await mkdir(cache, { recursive: true });
      await writeTerraformConfig(terraformConfig, { mirror: await findMirror(env), cache });
      await pointTo(join(bin, "terraform"), terraform);
    },
    sst: () => watched(report, SST, () => ensureSst(root, directory)),
  };
  const outcomes = await Promise.allSettled([...new Set(want)].map((tool) => makers[tool]()));
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;

  await pointTo(join(bin, "node"), process.execPath);
  await pointTo(join(bin, "aws"), join(packages, "aws"));
  return {
    python: join(packages, "python3"),
    aws: join(packages, "aws"),
    terraform,
    terraformConfig,
    path: [bin, "/usr/bin", "/bin", "/usr/sbin", "/sbin"].join(":"),
  };
}

const PYTHON = { part: "Python packages", why: "the AWS emulators and the AWS CLI, 350 MB", usualSeconds: 15 };
const TERRAFORM = {
  part: "Terraform",
  why: "to plan and apply; the PATH has none of the pinned version",
  usualSeconds: 20,
};
const SST = { part: "SST's components", why: "to evaluate the stacks offline, 320 MB", usualSeconds: 45 };

/** Evaluating the stacks needs it and `npm ci` has to be over: so it is looked up only here. One process installs, others wait. */
async function ensureSst(root: string, directory: string): Promise<void> {
  const { ensureSstPlatform } = await import("../synth/sst-platform.ts");
  await withLock(join(directory, "sst.lock"), () => ensureSstPlatform({ root, report: () => undefined }));
}

async function ensureTerraform(directory: string, env: Record<string, string>, report: Report): Promise<string> {
  const onPath = await findTerraform(env);
  if (onPath) return onPath;
  const fetched = join(directory, "terraform");
  await watched(report, TERRAFORM, () => fetchTerraform(fetched, env));
  return join(fetched, "terraform");
}

/** Reports a part's start only when it is not over at once: what is there already needs no word. */
async function watched(
  report: Report,
  part: Pick<SetupEvent, "part" | "why" | "usualSeconds">,
  work: () => Promise<unknown>,
): Promise<void> {
  const since = performance.now();
  const seconds = () => (performance.now() - since) / 1000;
  let reported = false;
  const timer = setTimeout(() => {
    reported = true;
    report({ ...part, state: "started", seconds: 0 });
  }, 250);
  try {
    await work();
    if (reported) report({ ...part, state: "installed", seconds: seconds() });
  } catch (cause) {
    report({ ...part, state: "failed", seconds: seconds() });
    throw cause;
  } finally {
    clearTimeout(timer);
  }
}

/** Replaces the link in one step, so that a build that looks while we write still finds the program. */
async function pointTo(link: string, target: string): Promise<void> {
  if ((await readlink(link).catch(() => undefined)) === target) return;
  const fresh = `${link}.${process.pid}`;
  await rm(fresh, { force: true });
  await mkdir(dirname(link), { recursive: true });
  await symlink(target, fresh);
  await rename(fresh, link);
}

/** Installers need the machine's own settings: its proxies, certificates and package indexes. */
function systemEnvironment(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value;
  return env;
}
