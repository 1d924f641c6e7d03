import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { installOnce } from "../install-once.ts";

let root: string;
let path: string;
let installs: number;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sluice-install-"));
  path = join(root, "part");
  installs = 0;
});

afterEach(() => rm(root, { recursive: true, force: true }));

const install = async (folder: string) => {
  installs += 1;
  await writeFile(join(folder, "made"), String(installs));
};

test("a second run installs nothing", async () => {
  const folder = await installOnce({ path, fingerprint: "1", install });

  expect(await installOnce({ path, fingerprint: "1", install })).toBe(folder);
  expect(installs).toBe(1);
});

test("of several at once one installs", async () => {
  const part = { path, fingerprint: "1", install };

  const folders = await Promise.all([installOnce(part), installOnce(part), installOnce(part)]);

  expect(new Set(folders).size).toBe(1);
  expect(installs).toBe(1);
});

test("an install that was interrupted is done again elsewhere, and what it left is removed", async () => {
  const interrupted = async (folder: string) => {
    await install(folder);
    throw new Error("interrupted");
  };
  await expect(installOnce({ path, fingerprint: "1", install: interrupted })).rejects.toThrow("interrupted");

  const folder = await installOnce({ path, fingerprint: "1", install });

  expect(await readFile(join(folder, "made"), "utf8")).toBe("2");
  expect((await readdir(root)).map((name) => join(root, name)).sort()).toEqual([folder, `${path}.json`].sort());
});

test("another fingerprint replaces what is there", async () => {
  const old = await installOnce({ path, fingerprint: "1", install });

  const folder = await installOnce({ path, fingerprint: "2", install });

  expect(folder).not.toBe(old);
  await expect(readdir(old)).rejects.toThrow("ENOENT");
});

test("a folder that somebody removed is made again", async () => {
  await rm(await installOnce({ path, fingerprint: "1", install }), { recursive: true });

  await readdir(await installOnce({ path, fingerprint: "1", install }));
  expect(installs).toBe(2);
});
