import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { sha256Of } from "@sluice/steps";
import { expect, it, onTestFinished } from "vitest";
import { bundleRunner } from "../bundle.ts";

it("gives the same bytes for the same sources, wherever it is put", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-bundle-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));

  const [one, two] = await Promise.all(
    ["one", "two"].map(async (name) => {
      const files = await bundleRunner(join(folder, name));
      return Promise.all(
        files.map(async (file) => ({ file, sha256: sha256Of(await readFile(join(folder, name, file))) })),
      );
    }),
  );
  expect(one?.map(({ file }) => file)).toContain("runner.mjs");
  expect(one).toEqual(two);
});

it("lets a build compile the EC2 client only when it asks EC2", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-bundle-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const files = await bundleRunner(folder);
  const textOf = (file: string) => readFile(join(folder, file), "utf8");
  const holdsTheClient = (text: string) => text.includes("AmazonEC2");

  const atTheStart = new Set(["runner.mjs"]);
  for (const file of atTheStart)
    for (const [, imported = ""] of (await textOf(file)).matchAll(/(?:from|import)"(\.[^"]+)"/g))
      atTheStart.add(join(dirname(file), imported));

  expect(atTheStart.size).toBeGreaterThan(1);
  const texts = await Promise.all([...atTheStart].map(textOf));
  expect(texts.some(holdsTheClient)).toBe(false);
  const hidesUndici = (text: string) => text.includes('"CloseEvent"');
  expect(texts.some(hidesUndici), "a build's start keeps the import that hides undici").toBe(true);
  expect((await Promise.all(files.map(textOf))).some(holdsTheClient)).toBe(true);
});
