import { readdir, readFile } from "node:fs/promises";

/**
 * Ends what has left a build's process group, as Ansible's workers do with `setsid`: every process that was started with the build's temporary folder in its
 * environment. A container ends with its first process; here nothing else would end them.
 *
 * Linux only: elsewhere nobody may read another process's environment, and what left the group ends by itself.
 */
export async function endStrays(temporary: string): Promise<void> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const mark = `TMPDIR=${temporary}`;
  await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => ""); // Gone meanwhile, or not ours.
      if (environment.split("\0").includes(mark)) kill(Number(pid));
    }),
  );
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ESRCH")) throw cause; // Gone already is what we want.
  }
}
