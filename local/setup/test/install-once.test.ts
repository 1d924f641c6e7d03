import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { installOnce } from "../install-once.ts";

let folder: string;
let directory: string;
let installs: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-install-"));
  directory = join(folder, "part");
  installs = 0;
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const install = async () => {
  installs += 1;
  await writeFile(join(directory, `file-${installs}`), "");
};

test("a second run installs nothing", async () => {
  expect(await installOnce({ directory, fingerprint: "1", install })).toBe(true);

  expect(await installOnce({ directory, fingerprint: "1", install })).toBe(false);
  expect(installs).toBe(1);
});

test("of several at once one installs", async () => {
  const part = { directory, fingerprint: "1", install };

  const installed = await Promise.all([installOnce(part), installOnce(part), installOnce(part)]);

  expect(installed.filter(Boolean)).toHaveLength(1);
});

test("an install that was interrupted is done again from an empty directory", async () => {
  const broken = async () => {
    await install();
    throw new Error("interrupted");
  };
  await expect(installOnce({ directory, fingerprint: "1", install: broken })).rejects.toThrow("interrupted");

  expect(await installOnce({ directory, fingerprint: "1", install })).toBe(true);
  expect(await readdir(directory)).toEqual(["file-2"]);
});

test("another fingerprint replaces what is there", async () => {
  await installOnce({ directory, fingerprint: "1", install });

  expect(await installOnce({ directory, fingerprint: "2", install })).toBe(true);
  expect(await readdir(directory)).toEqual(["file-2"]);
});
