import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { SST_VERSION } from "./sst-platform.ts";

/** The part of `@pulumi/pulumi` that the synth itself uses. */
export interface Pulumi {
  runtime: {
    setMocks(mocks: unknown, project: string, stack: string, preview: boolean): Promise<void>;
    runInPulumiStack(program: () => Promise<unknown>): Promise<unknown>;
    waitForRPCs?: () => Promise<void>;
  };
  output(value: unknown): { apply(receive: (value: Record<string, unknown>) => void): void };
}

/** Pulumi's own class behind `setMocks`: it sees each registration before our mock does. */
export interface MockMonitor {
  prototype: {
    registerResource(request: unknown, callback: unknown): Promise<void>;
    newUrn(...parts: unknown[]): string;
  };
}

interface SstConfig {
  app(input: { stage: string }): Promise<AppSettings> | AppSettings;
  run(): Promise<unknown>;
}

interface AppSettings {
  name: string;
  removal?: string;
  providers?: Record<string, unknown>;
  protect?: boolean;
}

/** The app's configuration, its stacks and SST's components, loaded and not yet run. */
export interface LoadedApp {
  name: string;
  removal: string;
  pulumi: Pulumi;
  MockMonitor: MockMonitor;
  /** Evaluates the stacks; resolves to the outputs. Mocks must be set before. */
  run(): Promise<Record<string, unknown>>;
}

/**
 * Bundles `sst.config.ts` with SST's components into one module, as SST's own program does, and imports it. The module
 * has to lie in the platform's folder, where its packages are found.
 *
 * @throws when the platform is not SST 4.17.1, or when the place of the random names has moved.
 */
export async function loadApp({
  root,
  stage,
  work,
}: {
  root: string;
  stage: string;
  work: string;
}): Promise<LoadedApp> {
  const platform = join(root, ".sst/platform");
  const version = (await readFile(join(platform, "version"), "utf8")).trim();
  if (version !== SST_VERSION) throw new Error(`${platform} is SST ${version}, but the synth knows ${SST_VERSION}`);

  const settings = { name: "", stage, removal: "remove", providers: {}, protect: false };
  const cli = { command: "deploy", paths: { home: work, root, work, platform }, state: { version: {} } };
  Object.assign(globalThis, { __app: settings, __cli: cli }); // `define` below turns $app and $cli into these.

  const file = join(platform, `synth.${process.pid}.mjs`);
  try {
    await bundle({ root, platform, work, file });
    const { config, run, pulumi, MockMonitor } = await import(pathToFileURL(file).href);
    return started(config, run, pulumi, MockMonitor, settings);
  } finally {
    await rm(file, { force: true });
  }
}

async function started(
  config: SstConfig,
  run: (program: () => Promise<unknown>) => Promise<unknown>,
  pulumi: Pulumi,
  MockMonitor: MockMonitor,
  settings: { name: string; stage: string; removal: string },
): Promise<LoadedApp> {
  const { name, removal = "remove", providers = {}, protect = false } = await config.app({ stage: settings.stage });
  Object.assign(settings, { name, removal, providers, protect });
  return {
    name,
    removal,
    pulumi,
    MockMonitor,
    run: async () => {
      const outputs = await pulumi.runtime.runInPulumiStack(() => run(config.run));
      return new Promise((resolve) => pulumi.output(outputs).apply(resolve));
    },
  };
}

async function bundle(at: { root: string; platform: string; work: string; file: string }): Promise<void> {
  const components = JSON.stringify(join(at.platform, "src/components/index.ts"));
  const sstRun = JSON.stringify(join(at.platform, "src/auto/run.ts"));
  const globals = join(at.work, "globals.mjs");
  const entry = join(at.work, "entry.mjs");
  await mkdir(at.work, { recursive: true });
  await writeFile(
    globals, // A module of its own, because imports run before any statement of the module that has them.
    `import * as aws from "@pulumi/aws";\nimport * as sst from ${components};\nObject.assign(globalThis, { aws, sst });\n`,
  );
  await writeFile(
    entry,
    [
      `import ${JSON.stringify(globals)};`,
      `export { run } from ${sstRun};`,
      `export { default as config } from ${JSON.stringify(join(at.root, "sst.config.ts"))};`,
      `export * as pulumi from "@pulumi/pulumi";`,
      `export { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";`,
    ].join("\n"),
  );

  const names = deterministicNames();
  await build({
    absWorkingDir: at.root,
    entryPoints: [entry],
    outfile: at.file,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "esnext",
    packages: "external",
    sourcemap: "inline",
    logLevel: "error",
    inject: [join(at.platform, "src/shim/run.js")],
    define: { $app: "globalThis.__app", $cli: "globalThis.__cli", $dev: "false" },
    banner: { js: `import { createRequire as __cr } from "module"; const require = __cr(import.meta.url);` },
    plugins: [names.plugin],
  });
  if (names.replaced() !== 1) throw new Error("SST makes its random names in another place now");
}

/** SST ends physical names in eight random letters; here they are a hash of the name. */
function deterministicNames(): { plugin: Plugin; replaced: () => number } {
  const random = 'crypto.randomBytes(8).toString("hex")';
  let replaced = 0;
  const plugin: Plugin = {
    name: "deterministic-names",
    setup(esbuild) {
      esbuild.onLoad({ filter: /components[\\/]naming\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, "utf8");
        replaced += source.split(random).length - 1;
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the template's source text
        return { contents: source.replace(random, "`${max}/${name}/${suffix}`"), loader: "ts" };
      });
    },
  };
  return { plugin, replaced: () => replaced };
}
