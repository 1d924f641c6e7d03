import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureSstPlatform, SST_VERSION } from "../sst-platform.ts";

let app: string;
const reported: string[] = [];
const ensure = () => ensureSstPlatform({ root: app, report: (progress) => reported.push(progress) });

beforeEach(async () => {
  app = await mkdtemp(join(tmpdir(), "sluice-platform-"));
  reported.length = 0;
});
afterEach(() => rm(app, { recursive: true, force: true }));

test("what is there is not installed again, and nothing is said", async () => {
  await mkdir(join(app, ".sst/platform"), { recursive: true });
  await writeFile(join(app, ".sst/platform/version"), SST_VERSION);

  await ensure();

  expect(reported).toEqual([]);
});

test("an app without a configuration is refused", async () => {
  await expect(ensure()).rejects.toThrow("There is no sst.config.ts");
});

test("a failed install leaves nothing behind and says why", async () => {
  await writeFile(join(app, "sst.config.ts"), "export default nonsense(");

  await expect(ensure()).rejects.toThrow("sst.config.ts:2:24 Unexpected end of file");

  expect(await readdir(join(app, ".sst"))).toEqual([]);
});

test("a killed install leaves no platform, and the next one removes what it left", async () => {
  await writeFile(join(app, "sst.config.ts"), 'export default $config({ app: () => ({ name: "x", home: "aws" }) });');
  await killWhileInstalling();
  expect(existsSync(join(app, ".sst/platform"))).toBe(false);
  expect(await readdir(join(app, ".sst"))).toHaveLength(1);

  await writeFile(join(app, "sst.config.ts"), "export default nonsense(");
  await expect(ensure()).rejects.toThrow();

  expect(await readdir(join(app, ".sst"))).toEqual([]);
});

async function killWhileInstalling(): Promise<void> {
  const module = pathToFileURL(join(import.meta.dirname, "../sst-platform.ts")).href;
  const program = `
    const { ensureSstPlatform } = await import(${JSON.stringify(module)});
    await ensureSstPlatform({ root: ${JSON.stringify(app)}, report: () => undefined });`;
  const installer = spawn(process.execPath, ["--input-type=module", "--eval", program], { stdio: "ignore" });
  const exited = once(installer, "exit");
  await until(() => existsSync(join(app, ".sst")) && installing(), 20_000);
  installer.kill("SIGKILL");
  await exited;
}

async function installing(): Promise<boolean> {
  const [beside] = await readdir(join(app, ".sst"));
  return beside !== undefined && existsSync(join(app, ".sst", beside, "install.log"));
}

/** Looks every 10 ms until the fact is there. */
async function until(fact: () => boolean | Promise<boolean>, deadlineMs: number): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await fact())) {
    if (performance.now() > deadline) throw new Error(`Not so after ${deadlineMs} ms: ${fact}`);
    await delay(10);
  }
}
