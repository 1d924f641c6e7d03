import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/**
 * Runs `work` while no other process on this machine runs under the same lock file. The file names its owner's pid; an owner
 * that died is no owner. Plain JavaScript, because it also runs before anything is installed.
 *
 * @param {string} file
 * @param {() => Promise<unknown>} work
 */
export async function withLock(file, work) {
  await mkdir(dirname(file), { recursive: true });
  while (!(await take(file))) await pause(100);
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** @param {string} file */
async function take(file) {
  // Written aside and linked into place: nobody ever sees a lock without its owner.
  const mine = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await writeFile(mine, String(process.pid));
  try {
    await link(mine, file);
    return true;
  } catch (cause) {
    if (codeOf(cause) !== "EEXIST") throw cause;
    await removeIfOwnerDied(file, mine);
    return false;
  } finally {
    await rm(mine, { force: true });
  }
}

/**
 * @param {string} file
 * @param {string} aside
 */
async function removeIfOwnerDied(file, aside) {
  const owner = await readFile(file, "utf8").catch(absent);
  if (owner === undefined || isAlive(Number(owner))) return;

  // Somebody else may have removed it and taken the lock since: what we moved is looked at, and put back if it is not the dead one's.
  const moved = `${aside}.stale`;
  await rename(file, moved).catch(absent);
  const whose = await readFile(moved, "utf8").catch(absent);
  if (whose !== undefined && whose !== owner) await link(moved, file);
  await rm(moved, { force: true });
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return codeOf(cause) !== "ESRCH";
  }
}

/** @param {unknown} cause */
function absent(cause) {
  if (codeOf(cause) !== "ENOENT") throw cause;
  return undefined;
}

/** @param {unknown} cause */
function codeOf(cause) {
  return cause instanceof Error && "code" in cause ? cause.code : undefined;
}
