import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../setup/run-command.ts";

/** Where the hosts of one cloud keep what is theirs. */
export interface Place {
  /** The file system below every host's own. */
  readonly base: string;
  readonly folder: string;
  /** The container runtime's private root. */
  readonly runtime: string;
  /** Begins the name of every container and cgroup: unique on this machine. */
  readonly prefix: string;
  /** The machine's own programs. */
  readonly path: string;
}

const PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

/** Makes a place for this process, and removes those of processes that have died. */
export async function makePlace({ base, directory }: { base: string; directory: string }): Promise<Place> {
  const running = join(directory, "running");
  await mkdir(running, { recursive: true, mode: 0o755 });
  await removeLeftovers(running);
  const name = `${process.pid}-${await startOf(process.pid)}-${randomBytes(3).toString("hex")}`;
  const folder = join(running, name);
  const runtime = join(folder, "runtime");
  await mkdir(runtime, { recursive: true, mode: 0o755 });
  return { base, folder, runtime, prefix: `sluice-${name}`, path: PATH };
}

/** Ends every container that is left in a place, with its cgroups, and removes the place. */
export async function removePlace(folder: string): Promise<void> {
  const runtime = join(folder, "runtime");
  for (const id of await readdir(runtime).catch(() => []))
    await runCommand("runc", ["--root", runtime, "delete", "--force", id], { env: { PATH } });
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function removeLeftovers(running: string): Promise<void> {
  for (const name of await readdir(running)) {
    const [pid, start] = name.split("-");
    if ((await startOf(Number(pid))) === start) continue;
    await removePlace(join(running, name));
  }
}

/** When a process started, in ticks since the machine did: with its pid it names a process for good. Nothing when it is gone. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The second field is the program's name, which may hold anything; the start is field 22.
  const [state, ...others] = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  return state === "Z" ? undefined : others[18]; // A zombie has died; its parent only has not heard of it.
}
