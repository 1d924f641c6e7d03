import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { withLock } from "./lock.mjs";

/**
 * Makes `directory` by `install` unless a finished install of the same `fingerprint` is there. An install that was interrupted
 * has no mark and is done again from an empty directory; of several processes one installs and the others wait.
 *
 * @returns whether anything was installed.
 */
export async function installOnce(part: {
  directory: string;
  fingerprint: string;
  install: () => Promise<void>;
}): Promise<boolean> {
  const mark = `${part.directory}.installed`;
  if ((await readMark(mark)) === part.fingerprint) return false;

  return withLock(`${part.directory}.lock`, async () => {
    if ((await readMark(mark)) === part.fingerprint) return false;
    await rm(mark, { force: true });
    await rm(part.directory, { recursive: true, force: true });
    await mkdir(part.directory, { recursive: true });
    await part.install();
    await writeFile(`${mark}.new`, part.fingerprint);
    await rename(`${mark}.new`, mark);
    return true;
  });
}

async function readMark(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw cause;
  }
}
