import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startProcess } from "../process/start-process.ts";

/** The synth mirrors parts of this version's build, so another one is refused. */
export const SST_VERSION = "4.17.1";

/** An install downloads some 300 MB from npm; seen 25 to 50 s. */
const INSTALL_DEADLINE_MS = 600_000;

const UNFINISHED = "installing-";

/**
 * Makes sure that `.sst/platform` is the pinned SST: its components, and the providers that `sst.config.ts` names. It
 * is made in a folder beside and moved into place when it is whole, so a failure or an interrupt leaves none, and what
 * an earlier one left is removed. When it is there, this takes a millisecond.
 *
 * @throws when there is no `sst.config.ts`, or with SST's own words when it cannot install.
 */
export async function ensureSstPlatform({
  root,
  report,
}: {
  root: string;
  report: (progress: string) => void;
}): Promise<void> {
  const platform = join(root, ".sst/platform");
  if ((await versionOf(platform)) === SST_VERSION) return;
  if (!existsSync(join(root, "sst.config.ts"))) throw new Error(`There is no sst.config.ts in ${root}`);

  report(`Installing SST ${SST_VERSION}'s components (300 MB, about half a minute), to evaluate the stacks offline`);
  await mkdir(join(root, ".sst"), { recursive: true });
  await removeUnfinished(root);
  const beside = await mkdtemp(join(root, ".sst", `${UNFINISHED}${process.pid}-`));
  try {
    await install(beside);
    if ((await versionOf(join(beside, ".sst/platform"))) !== SST_VERSION)
      throw new Error(`SST ${SST_VERSION} installed another version`);
    if ((await versionOf(platform)) === SST_VERSION) return; // Another process was faster.
    await rm(platform, { recursive: true, force: true });
    await rename(join(beside, ".sst/platform"), platform);
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
  report(`SST ${SST_VERSION} is in .sst/platform`);
}

/** SST wants a configuration beside its folder, without imports at its top; this one has the app's settings and no stacks. */
async function install(beside: string): Promise<void> {
  await writeFile(
    join(beside, "sst.config.ts"),
    `export default $config({
      async app(input) { return (await import("../../sst.config.ts")).default.app(input); },
      async run() {},
    });\n`,
  );
  const log = join(beside, "install.log");
  const { NODE_OPTIONS: _, ...environment } = process.env; // npm needs the user's proxy, registry and certificates.
  const running = await startProcess({
    name: "sst install",
    command: process.execPath,
    args: [fileURLToPath(new URL("../bin/sst.mjs", import.meta.resolve("sst"))), "install"],
    env: {
      ...withoutAbsent(environment),
      SST_STAGE: "local",
      SST_NO_BUN: "1",
      SST_SKIP_DEPENDENCY_CHECK: "1",
      SST_TELEMETRY_DISABLED: "1",
    },
    cwd: beside,
    logFile: log,
  });
  const timer = setTimeout(() => void running.kill(), INSTALL_DEADLINE_MS);
  const code = await running.exited;
  clearTimeout(timer);
  if (code !== 0) throw new Error(`sst install ended with ${code}:\n${(await readFile(log, "utf8")).slice(-2_000)}`);
}

async function versionOf(platform: string): Promise<string | undefined> {
  const file = join(platform, "version");
  return existsSync(file) ? (await readFile(file, "utf8")).trim() : undefined;
}

async function removeUnfinished(root: string): Promise<void> {
  for (const name of await readdir(join(root, ".sst"))) {
    const pid = Number(name.startsWith(UNFINISHED) && name.slice(UNFINISHED.length).split("-")[0]);
    if (pid && !isAlive(pid)) await rm(join(root, ".sst", name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // No such process.
  }
}

function withoutAbsent(environment: NodeJS.ProcessEnv): Record<string, string> {
  const present = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(present);
}
