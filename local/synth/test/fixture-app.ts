import { existsSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureSstPlatform } from "../sst-platform.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The small app beside this file, with the project's own SST platform. */
export const FIXTURE: string = fileURLToPath(new URL("fixture", import.meta.url));

/** Gives an app the project's platform, which takes half a minute to install and 300 MB. */
export async function linkPlatform(app: string): Promise<void> {
  const link = join(app, ".sst/platform");
  if (existsSync(join(link, "version"))) return;
  await ensureSstPlatform({ root, report: () => undefined });
  await mkdir(join(app, ".sst"), { recursive: true });
  await rm(link, { force: true });
  await symlink(await realpath(join(root, ".sst/platform")), link);
}

/** An app in a folder of its own whose `run()` has this body; `remove` ends it. */
export async function appThatRuns(body: string): Promise<{ app: string; remove: () => Promise<void> }> {
  const app = await mkdtemp(join(tmpdir(), "sluice-synth-"));
  await linkPlatform(app);
  await writeFile(
    join(app, "sst.config.ts"),
    `export default $config({ app: () => ({ name: "tiny", home: "aws" }), async run() { ${body} } });\n`,
  );
  return { app, remove: () => rm(app, { recursive: true, force: true }) };
}
