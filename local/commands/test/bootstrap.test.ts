import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const here = join(import.meta.dirname, "../..");
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sluice-bootstrap-"));
  await mkdir(join(root, "local/commands"), { recursive: true });
  await cp(join(here, "setup/lock.mjs"), join(root, "local/setup/lock.mjs"));
  for (const file of ["bootstrap.mjs", "end-with-parent.mjs"])
    await cp(join(here, "commands", file), join(root, "local/commands", file));
  await lock("package-lock.json", { "node_modules/a": { version: "1.0.0", integrity: "x" } });
  await lock("node_modules/.package-lock.json", { "node_modules/a": { version: "1.0.0", integrity: "x" } });
  for (const folder of ["", "packages/runner/"]) {
    await mkdir(join(root, folder, "node_modules/node/bin"), { recursive: true });
    await symlink(process.execPath, join(root, folder, "node_modules/node/bin/node"));
  }
  // An npm that says that it ran, and installs what the lock file says.
  await mkdir(join(root, "bin"));
  const npm = `#!/bin/sh
echo "$@" >> ${root}/npm.log
cp ${root}/package-lock.json ${root}/node_modules/.package-lock.json
mkdir -p ${root}/packages/runner/node_modules/node/bin
ln -sf ${process.execPath} ${root}/packages/runner/node_modules/node/bin/node
`;
  await writeFile(join(root, "bin/npm"), npm, { mode: 0o755 });
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function lock(file: string, packages: object): Promise<void> {
  await mkdir(join(root, file, ".."), { recursive: true });
  await writeFile(join(root, file), JSON.stringify({ packages }));
}

function bootstrap(...args: string[]): ChildProcess {
  return spawn(process.execPath, [join(root, "local/commands/bootstrap.mjs"), ...args], {
    env: { PATH: `${root}/bin:/usr/bin:/bin` },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function outcome(child: ChildProcess): Promise<{ code: unknown; output: string }> {
  const pieces: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (piece) => pieces.push(String(piece)));
  const [code] = await once(child, "close");
  return { code, output: pieces.join("") };
}

const command = (source: string) => writeFile(join(root, "local/commands/sample.ts"), source);
const npmRuns = () =>
  readFile(join(root, "npm.log"), "utf8").then(
    (log) => log.trim().split("\n"),
    () => [],
  );

test("runs the command with its arguments, keeps its exit code, and installs nothing that is there", async () => {
  await command("const [, , ...args]: string[] = process.argv; console.log(args.join('+')); process.exitCode = 7;");

  expect(await outcome(bootstrap("sample", "a b", "--c"))).toEqual({ code: 7, output: "a b+--c\n" });
  expect(await npmRuns()).toEqual([]);
});

test("installs when the lock file has another version, once for two that start together", async () => {
  await lock("package-lock.json", { "node_modules/a": { version: "2.0.0", integrity: "y" } });
  await command("console.log('ran');");

  const both = await Promise.all([outcome(bootstrap("sample")), outcome(bootstrap("sample"))]);

  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(await npmRuns()).toEqual(["ci --no-audit --no-fund --loglevel=error"]);
});

test("installs when a copy of node_modules has not brought the Node of builds, which lies in a folder of its own", async () => {
  await rm(join(root, "packages"), { recursive: true });
  await command("");

  expect((await outcome(bootstrap("sample"))).code).toBe(0);
  expect(await npmRuns()).toHaveLength(1);
});

test("is content without optional packages of other platforms", async () => {
  await lock("package-lock.json", {
    "node_modules/a": { version: "1.0.0", integrity: "x" },
    "node_modules/a-darwin": { version: "1.0.0", integrity: "z", optional: true },
  });
  await command("");

  expect((await outcome(bootstrap("sample"))).code).toBe(0);
  expect(await npmRuns()).toEqual([]);
});

test("names the commands when it is asked for another", async () => {
  await command("");

  expect(await outcome(bootstrap("../escape"))).toEqual({
    code: 1,
    output: "There is no command “../escape”. There are: sample.\n",
  });
});

const WAITING = `
process.on("SIGTERM", () => { console.log("ended"); process.exit(3); });
console.log(process.pid);
setInterval(() => {}, 1000);
`;

test("hands a signal on and keeps the exit code that follows", async () => {
  await command(WAITING);
  const child = bootstrap("sample");
  const ended = outcome(child);
  await once(child.stdout ?? child, "data");

  child.kill("SIGTERM");

  expect(await ended).toMatchObject({ code: 3, output: expect.stringContaining("ended") });
});

test("the command ends when the bootstrap is killed", async () => {
  await command(WAITING);
  const child = bootstrap("sample");
  const ended = outcome(child); // Its output closes only when the command is gone too.
  await once(child.stdout ?? child, "data");

  child.kill("SIGKILL");

  expect((await ended).output).toContain("ended");
});
