import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type * as Esbuild from "esbuild";

/**
 * Bundles the runner into `runner.mjs`, an ES module for Node 22, and what it imports later into `runner/`: two thirds of all is the EC2 client, which
 * a scan needs and no other build compiles. The same sources give the same bytes: a code release is named by its hash.
 *
 * It is tested on the Node of the builds' image, which `package.json` pins. The oldest that it was seen to start on is 22.3, which has
 * `process.getBuiltinModule`.
 *
 * @param root the project's folder. It is given where this file is itself part of a bundle, whose place says nothing.
 * @returns the files' names, relative to `folder`, sorted
 */
export async function bundleRunner(
  folder: string,
  root = fileURLToPath(new URL("../..", import.meta.url)),
): Promise<string[]> {
  // esbuild refuses to be bundled, and SST bundles what imports this.
  const { build } = createRequire(join(root, "package.json"))("esbuild") as typeof Esbuild;
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [{ in: "packages/runner/src/main.ts", out: "runner" }],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    splitting: true,
    chunkNames: "runner/[name]-[hash]",
    bundle: true,
    platform: "node",
    target: "node22",
    format: "esm",
    mainFields: ["module", "main"],
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    logLevel: "warning",
    metafile: true,
    // Some clients are CommonJS inside and call require.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  return Object.keys(metafile.outputs)
    .map((path) => relative(folder, join(root, path)).replaceAll("\\", "/"))
    .sort();
}
