import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { withLock } from "./lock.mjs";

/**
 * The folder of a finished install of `fingerprint`, made by `install` when there is none. Every try has a folder of its own
 * beside `path`, and only a finished one is recorded: what an interrupted try left, and whatever still writes there, disturbs
 * nobody and is removed by the next install. Of several processes one installs and the others wait.
 */
export async function installOnce(part: {
  path: string;
  fingerprint: string;
  install: (folder: string) => Promise<void>;
}): Promise<string> {
  const present = await readRecord(part);
  if (present) return present;

  return withLock(`${part.path}.lock`, async () => {
    const meanwhile = await readRecord(part);
    if (meanwhile) return meanwhile;

    const folder = await mkdtemp(`${part.path}-`);
    await part.install(folder);
    await writeFile(`${recordOf(part.path)}.new`, JSON.stringify({ fingerprint: part.fingerprint, folder }));
    await rename(`${recordOf(part.path)}.new`, recordOf(part.path));
    await removeOthers(part.path, folder);
    return folder;
  });
}

function recordOf(path: string): string {
  return `${path}.json`;
}

async function readRecord({ path, fingerprint }: { path: string; fingerprint: string }): Promise<string | undefined> {
  try {
    const record: { fingerprint: string; folder: string } = JSON.parse(await readFile(recordOf(path), "utf8"));
    if (record.fingerprint !== fingerprint) return undefined;
    await readdir(record.folder);
    return record.folder;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw cause;
  }
}

async function removeOthers(path: string, folder: string): Promise<void> {
  const parent = dirname(path);
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const other = join(parent, name);
    if (!name.startsWith(`${basename(path)}-`) || other === folder) continue;
    await rm(other, { recursive: true, force: true }).catch(() => undefined); // Still written to: the next install removes it.
  }
}
