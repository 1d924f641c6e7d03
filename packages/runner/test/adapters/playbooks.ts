import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { ROOT } from "../../../../local/front/test/start-emulators.ts";
import { ensureTools } from "../../../../local/setup/tools.ts";
import type { Build } from "../../src/build.ts";
import { parseConfig } from "../../src/config.ts";
import { noSecrets } from "../../src/masking/secrets.ts";
import type { Doing } from "../../src/terraform/ui-message.ts";
import { toolRunner } from "../../src/tools/run-tool.ts";
import { toolEnvironment } from "../../src/tools/tool-environment.ts";
import { environment, memoryStore } from "../memory-build.ts";

/**
 * A build with the real Ansible, the playbooks of this tree and those that a test adds.
 *
 * @param playbooks by name
 * @param outer the build's own environment, of which tools see little
 * @returns among others `bin`, the first folder of the tools' path, for a program that a test pretends
 */
export async function playbookBuild({
  playbooks = {},
  outer = {},
}: {
  playbooks?: Readonly<Record<string, string>>;
  outer?: Readonly<Record<string, string>>;
} = {}) {
  const tools = await ensureTools({ root: ROOT, want: ["python"] });
  const folder = await mkdtemp(join(tmpdir(), "sluice playbooks-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const release = join(folder, "release");
  await cp(join(ROOT, "ansible"), join(release, "ansible"), { recursive: true });
  for (const [name, text] of Object.entries(playbooks))
    await writeFile(join(release, "ansible/playbooks", `${name}.yml`), text);
  const [work, bin] = [join(folder, "work"), join(folder, "bin")];
  await mkdir(work);
  await mkdir(bin);
  const said: Doing[] = [];
  const stop = new AbortController();
  const build: Build = {
    config: parseConfig({ ...environment, KIND: "configuration" }),
    release,
    work,
    runTool: toolRunner(toolEnvironment({ PATH: `${bin}:${tools.path}`, HOME: folder, TMPDIR: folder, ...outer })),
    jobs: memoryStore(),
    states: memoryStore(),
    secrets: noSecrets,
    say: (doing) => said.push(doing),
    interrupt: stop.signal,
    now: () => Date.now(),
    left: () => 3_000_000,
  };
  return { build, folder, bin, work, said, stop };
}
