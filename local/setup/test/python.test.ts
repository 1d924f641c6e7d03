import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findPython } from "../python.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-python-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const pretend = (program: string, script: string) =>
  writeFile(join(folder, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

test("passes over a stand-in that does not run and takes the next one that is new enough", async () => {
  await pretend("python3.13", "echo 'not selected' >&2; exit 127");
  await pretend("python3", "echo 3 11 /a folder/python3.11");

  expect(await findPython({ PATH: folder })).toBe("/a folder/python3.11");
});

test("names what it found and how to get a newer one", async () => {
  await pretend("python3", "echo 3 9 /usr/bin/python3.9");

  await expect(findPython({ PATH: folder })).rejects.toThrow(
    /Python 3\.11 or newer .*python3 is 3\.9.*apt install python3/,
  );
});
