import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { startProcess } from "../../process/start-process.ts";
import { installOnce } from "../install-once.ts";
import { type Report, watched } from "../progress.ts";
import { runCommand } from "../run-command.ts";
import { systemEnvironment } from "../system-environment.ts";
import { debianMirror } from "./debian-mirror.ts";
import { RECIPE } from "./recipe.ts";
import { installCommand, installPackages, KEYRING, missingPackages, type SystemPackage } from "./system-packages.ts";

/** Whether this machine can run hosts. `reason` is a sentence for people. */
export type Hosts =
  | {
      readonly kind: "runc";
      /** The file system below every host's own. Nobody writes there. */
      readonly base: string;
      /** Where running hosts keep what is theirs. */
      readonly directory: string;
    }
  | { readonly kind: "none"; readonly reason: string };

const BASE = {
  part: "The hosts' file system",
  why: "Debian with sshd for emulated instances, 370 MB",
  usualSeconds: 90,
};
const PACKAGES = { part: "Packages of this machine", why: "to make and run hosts", usualSeconds: 15 };
const SCRIPT = join(import.meta.dirname, "make-base.sh");
const REASONS_LAST_LINES = 3;

/**
 * Brings what hosts need: packages of this machine, which are named by `say` before apt-get installs them if `ask` says yes
 * (nobody to ask is a yes), and the base in `.sluice/hosts/`. It never throws: a machine without hosts has a reason.
 */
export async function ensureHosts(options: {
  root: string;
  report?: Report;
  say?: (line: string) => void;
  ask?: (question: string) => Promise<boolean>;
}): Promise<Hosts> {
  try {
    return await make(options);
  } catch (cause) {
    return none(`Hosts could not be set up: ${lastLines(cause)}`);
  }
}

async function make({
  root,
  report = () => undefined,
  say = () => undefined,
  ask = async () => true,
}: Parameters<typeof ensureHosts>[0]): Promise<Hosts> {
  if (process.platform !== "linux") return none("Hosts need Linux: they share its kernel.");
  if (process.getuid?.() !== 0) return none("Hosts need root: they mount file systems and make namespaces.");
  await mkdir(join(root, ".sluice/hosts"), { recursive: true });
  const directory = await realpath(join(root, ".sluice/hosts"));
  const env = systemEnvironment();
  const refused = await tryOverlay(directory, env);
  if (refused) return none(`Hosts need overlay mounts, which this machine refuses: ${refused}`);

  const missing = await missingPackages();
  if (missing.length > 0) {
    const command = installCommand(missing);
    say(`Hosts need ${listed(missing)}. To install: ${command}`);
    if (!(await ask("Install them now?"))) return none(`Hosts need packages that are not installed: ${command}`);
    await watched(report, PACKAGES, () => installPackages(missing, env));
  }

  const base = await watched(report, BASE, () => ensureBase(directory, env));
  return { kind: "runc", base, directory };
}

async function ensureBase(directory: string, env: Record<string, string>): Promise<string> {
  const { suite, packages, archives, user } = RECIPE;
  const fingerprint = createHash("sha256")
    .update(JSON.stringify(RECIPE))
    .update(await readFile(SCRIPT));
  const folder = await installOnce({
    path: join(directory, "base"),
    fingerprint: fingerprint.digest("hex"),
    install: async (into) => {
      const mirror = await debianMirror(suite);
      const included = mirror.startsWith("https:") ? [...packages, "ca-certificates"] : packages;
      const made = join(into, "root");
      await runContained(
        [SCRIPT, made, suite, mirror, KEYRING, included.join(","), archives.join(","), user],
        into,
        env,
      );
    },
  });
  return join(folder, "root");
}

/**
 * In namespaces of its own, so that whatever interrupts it leaves no process and no mount, above all none below a folder
 * that is then removed.
 */
async function runContained(command: readonly string[], folder: string, env: Record<string, string>): Promise<void> {
  const logFile = join(folder, "log");
  const running = await startProcess({
    name: "hosts-base",
    command: "unshare",
    args: ["--mount", "--pid", "--fork", "--kill-child", ...command],
    env,
    cwd: folder,
    logFile,
  });
  const code = await running.exited;
  if (code !== 0) throw new Error(`${command[0]} ended with ${code}. It printed:\n${await readFile(logFile, "utf8")}`);
}

/** Why no overlay can be mounted below `directory`, or nothing when one can. */
async function tryOverlay(directory: string, env: Record<string, string>): Promise<string | undefined> {
  const folder = await mkdtemp(join(directory, "overlay-"));
  try {
    for (const part of ["lower", "upper", "work", "root"]) await mkdir(join(folder, part));
    const options = "lowerdir=lower,upperdir=upper,workdir=work";
    await runCommand("unshare", ["--mount", "mount", "-t", "overlay", "overlay", "-o", options, "root"], {
      env,
      cwd: folder,
    });
    return undefined;
  } catch (cause) {
    return lastLines(cause);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function listed(packages: readonly SystemPackage[]): string {
  return packages.map(({ name, why }) => `${name} (${why})`).join(", ");
}

function none(reason: string): Hosts {
  return { kind: "none", reason };
}

function lastLines(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.trim().split("\n").slice(-REASONS_LAST_LINES).join(" ").trim();
}
