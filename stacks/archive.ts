import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";

export interface ArchiveEntry {
  /** Path in the archive, with slashes. */
  name: string;
  bytes: Buffer;
}

/** The files below a folder, sorted, without what tools leave there. */
export async function filesBelow(root: string, folder: string): Promise<ArchiveEntry[]> {
  const found = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  const paths = found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter(
      (path) =>
        !/(^|\/)(\.terraform|test|tests|node_modules|__pycache__)(\/|$)/.test(path) &&
        !/\.tfstate|\.tftest\.hcl$/.test(path),
    )
    .sort();
  return Promise.all(paths.map(async (name) => ({ name, bytes: await readFile(join(root, name)) })));
}

/** A gzipped tar whose bytes follow from its entries alone: no times, owners or order of a disk. */
export async function archiveOf(entries: readonly ArchiveEntry[]): Promise<{ bytes: Buffer; sha256: string }> {
  const tar = pack();
  const whole = buffer(tar);
  for (const { name, bytes } of entries)
    tar.entry({ name, size: bytes.length, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 }, bytes);
  tar.finalize();
  const bytes = gzipSync(await whole, { level: 9 });
  return { bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}
