import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * What this process and everything that it started keep in memory, in MB. Pages that several share are counted once, by
 * their shares (`Pss`), where the kernel tells them; else each process counts whole, which is too much.
 */
export function memoryOfTree(root = process.pid): { mb: number; processes: number; how: string } {
  const tree = processTree(root);
  const shares = tree.map(shareOf);
  const known = shares.every((kb) => kb !== undefined);
  const kb = known ? shares.reduce<number>((sum, each) => sum + (each ?? 0), 0) : sumOf(tree.map(({ rssKb }) => rssKb));
  return { mb: Math.round(kb / 1024), processes: tree.length, how: known ? "PSS" : "RSS" };
}

interface Process {
  pid: number;
  parent: number;
  rssKb: number;
}

function processTree(root: number): Process[] {
  const ps = spawnSync("ps", ["-A", "-o", "pid=,ppid=,rss="], { encoding: "utf8" });
  const all = ps.stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0, rssKb = 0]) => ({ pid, parent, rssKb }));
  const found = all.filter(({ pid }) => pid === root);
  for (const each of found) found.push(...all.filter(({ parent }) => parent === each.pid)); // Grows while it is walked.
  return found.filter(({ pid, rssKb }) => pid !== ps.pid && rssKb > 0);
}

/** Nothing on a Mac, and for a process that has just ended. */
function shareOf({ pid }: Process): number | undefined {
  try {
    const kb = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
    return kb === undefined ? undefined : Number(kb);
  } catch {
    return undefined;
  }
}

const sumOf = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0);
