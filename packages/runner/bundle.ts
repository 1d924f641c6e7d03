import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type * as Esbuild from "esbuild";

/**
 * Bundles the runner into one ES module for Node 20, at `out`. The same sources give the same bytes: a code release is named by its hash.
 *
 * @param root the project's folder. It is given where this file is itself part of a bundle, whose place says nothing.
 * @returns its size in bytes
 */
export async function bundleRunner(
  out: string,
  root = fileURLToPath(new URL("../..", import.meta.url)),
): Promise<number> {
  // esbuild refuses to be bundled, and SST bundles what imports this.
  const { build } = createRequire(join(root, "package.json"))("esbuild") as typeof Esbuild;
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["packages/runner/src/main.ts"],
    outfile: out,
    bundle: true,
    platform: "node",
    target: "node20",
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
  return Object.values(metafile.outputs).reduce((bytes, output) => bytes + output.bytes, 0);
}
