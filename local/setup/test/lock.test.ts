import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withLock } from "../lock.mjs";
import { runCommand } from "../run-command.ts";

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-lock-"));
  file = join(directory, "lock");
});

afterEach(() => rm(directory, { recursive: true, force: true }));

test("one works at a time, and nothing is left behind", async () => {
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };

  await Promise.all([withLock(file, work), withLock(file, work), withLock(file, work)]);

  expect(most).toBe(1);
  expect(await readdir(directory)).toEqual([]);
});

test("gives the lock back when the work fails", async () => {
  await expect(withLock(file, () => Promise.reject(new Error("no")))).rejects.toThrow("no");

  expect(await withLock(file, async () => "again")).toBe("again");
});

test("takes over from an owner that died", async () => {
  const dead = await runCommand("/bin/sh", ["-c", "echo $$"], { env: {} });
  await writeFile(file, dead.trim());

  expect(await withLock(file, async () => "mine")).toBe("mine");
  expect(await readdir(directory)).toEqual([]);
});
