import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

/** Puts the preload module into `folder`, as JavaScript: stripping types took each Node process of a build 70 ms, twice as long as its start. Gives the file. */
export function bundlePreload(folder: string): string {
  const file = join(folder, "clock-preload.mjs");
  buildSync({
    entryPoints: [fileURLToPath(new URL("preload.ts", import.meta.url))],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
  });
  return file;
}
