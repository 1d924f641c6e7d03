import { createCipheriv, createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { extname, join, relative } from "node:path";
import { build } from "esbuild";
import type { FunctionBuild } from "./synth.ts";

/** What SST sends to have a function bundled (`Runtime.Build`). */
interface FunctionInput {
  functionID: string;
  handler: string;
  runtime: string;
  links: unknown;
  encryptionKey: string;
  properties?: {
    format?: string;
    banner?: string;
    minify?: boolean;
    splitting?: boolean;
    install?: Record<string, string>;
    loader?: Record<string, "text" | "binary" | "file" | "json">;
    esbuild?: { external?: string[]; define?: Record<string, string>; conditions?: string[] };
  };
}

/** Narrows what came over the wire to the parts that a build cannot do without. */
export function isFunctionInput(input: unknown): input is FunctionInput {
  return (
    typeof input === "object" &&
    input !== null &&
    "functionID" in input &&
    "handler" in input &&
    "runtime" in input &&
    "encryptionKey" in input
  );
}

const TARGETS: Record<string, string> = { "nodejs24.x": "es2024", "nodejs22.x": "es2023", "nodejs20.x": "es2023" };
const EXTENSIONS = [".ts", ".mts", ".tsx", ".js", ".mjs", ".jsx"];

/** The same lines that SST puts before an ES module, for packages that expect CommonJS. */
const COMMONJS_BANNER = [
  `import { createRequire as topLevelCreateRequire } from 'module';`,
  `const require = topLevelCreateRequire(import.meta.url);`,
  `import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"`,
  `const __filename = topLevelFileUrlToPath(import.meta.url)`,
  `const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))`,
].join("\n");

/**
 * Bundles one function as SST 4.17.1 does (`pkg/runtime/node/build.go`), minified and split where the stack says so, with names kept
 * and always with a source map, so that a stack trace can be read.
 *
 * @throws for a runtime other than Node, the format `cjs`, a handler without a file, or source that does not bundle.
 */
export async function buildFunction(
  root: string,
  work: string,
  input: FunctionInput,
): Promise<{ build: FunctionBuild; answer: unknown }> {
  const { properties = {} } = input;
  const target = TARGETS[input.runtime];
  if (!target) throw new Error(`${input.functionID}: cannot build for runtime ${input.runtime}`);
  if (properties.format === "cjs") throw new Error(`${input.functionID}: only ES modules are built`);

  const directory = join(work, "functions", input.functionID);
  await mkdir(directory, { recursive: true });
  const result = await build({
    absWorkingDir: root,
    entryPoints: [{ in: sourceFile(root, input.handler), out: "bundle" }],
    outdir: directory,
    outExtension: { ".js": ".mjs" },
    splitting: properties.splitting ?? false,
    platform: "node",
    format: "esm",
    target,
    mainFields: ["module", "main"],
    bundle: true,
    keepNames: true,
    minify: properties.minify ?? false,
    sourcemap: "linked",
    sourcesContent: false, // The sources are beside it; their text would be most of the map.
    write: false,
    metafile: true,
    logLevel: "silent",
    external: ["sharp", "pg-native", ...Object.keys(properties.install ?? {}), ...(properties.esbuild?.external ?? [])],
    banner: { js: [COMMONJS_BANNER, properties.banner ?? ""].join("\n") },
    ...(properties.loader && { loader: properties.loader }),
    ...(properties.esbuild?.define && { define: properties.esbuild.define }),
    ...(properties.esbuild?.conditions && { conditions: properties.esbuild.conditions }),
  });
  // Chunks are named by what they hold. Older ones stay: a running cloud may still ask for them.
  for (const { path, contents } of result.outputFiles) await replaceFile(path, contents);
  await replaceFile(join(directory, "resource.enc"), sealed(input.links, input.encryptionKey));

  return {
    build: {
      source: input.handler,
      runtime: input.runtime,
      directory: relative(root, directory),
      bundle: "bundle.mjs",
      bytes: result.outputFiles
        .filter(({ path }) => path.endsWith(".mjs"))
        .reduce((sum, { contents }) => sum + contents.byteLength, 0),
    },
    answer: {
      handler: `bundle${extname(input.handler)}`,
      out: await digestOf(directory, await emptied(join(work, "artifacts", `${input.functionID}-src`))),
      errors: [],
      sourcemaps: [],
    },
  };
}

/**
 * SST zips the folder that it is given and names the zip by its hash. Nobody reads the zips here, so they hold the digest
 * of the bundle in its place, which names its chunks by their hashes, instead of some 1 MB a function.
 */
async function digestOf(built: string, folder: string): Promise<string> {
  const digest = createHash("sha256");
  for (const file of ["bundle.mjs", "resource.enc"]) digest.update(await readFile(join(built, file)));
  await writeFile(join(folder, "sha256"), digest.digest("hex"));
  return folder;
}

/** Whole or not at all: a worker of a running cloud may be starting from it. */
async function replaceFile(path: string, contents: Uint8Array): Promise<void> {
  await writeFile(`${path}.${process.pid}`, contents);
  await rename(`${path}.${process.pid}`, path);
}

async function emptied(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

function sourceFile(root: string, handler: string): string {
  const base = join(root, handler.slice(0, handler.length - extname(handler).length));
  const file = EXTENSIONS.map((extension) => base + extension).find(existsSync);
  if (!file) throw new Error(`There is no file for handler ${handler}`);
  return file;
}

/** What `Resource` of the package `sst` reads at run time: AES-256-GCM, and a nonce of zeros because each key is used once. */
function sealed(links: unknown, key: string): Buffer {
  const cipher = createCipheriv("aes-256-gcm", Buffer.from(key, "base64"), Buffer.alloc(12));
  return Buffer.concat([cipher.update(JSON.stringify(links)), cipher.final(), cipher.getAuthTag()]);
}
