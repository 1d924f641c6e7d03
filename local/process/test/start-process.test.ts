import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { startProcess } from "../start-process.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-process-"));
afterAll(() => rmSync(folder, { recursive: true }));
const program = (script: string) => ({
  name: "sample",
  command: "/bin/sh",
  args: ["-c", script],
  env: { PATH: "/usr/bin:/bin" },
  cwd: folder,
  logFile: join(folder, "log"),
});
const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};
async function gone(pid: number) {
  for (const end = Date.now() + 5_000; Date.now() < end; await new Promise((go) => setTimeout(go, 10)))
    if (!alive(pid)) return true;
  return false;
}

it("waits until the program says that it is ready, and says what it printed when it does not", async () => {
  const running = await startProcess({ ...program("echo up; sleep 60"), ready: (line) => line === "up" });
  await running.kill();

  await expect(startProcess({ ...program("echo 'port in use'; exit 3"), ready: () => false })).rejects.toThrow(
    /ended with 3[\s\S]*port in use/,
  );
});

it("reports the program's own exit code", async () => {
  const running = await startProcess(program("exit 7"));

  expect(await running.exited).toBe(7);
});

it("ends a program and its children when the parent is killed", async () => {
  const parent = spawn(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `import { startProcess } from ${JSON.stringify(new URL("../start-process.ts", import.meta.url).href)};
       await startProcess(${JSON.stringify(program("sleep 60 & echo child $!; wait"))});
       setInterval(() => {}, 1000);
       console.log("started");`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await once(parent.stdout, "data");
  const log = () => readFileSync(join(folder, "log"), "utf8").match(/child (\d+)/)?.[1];
  for (const end = Date.now() + 5_000; Date.now() < end && !log(); ) await new Promise((go) => setTimeout(go, 10));
  const grandchild = Number(log());

  expect(alive(grandchild)).toBe(true);
  parent.kill("SIGKILL");

  expect(await gone(grandchild)).toBe(true);
});
