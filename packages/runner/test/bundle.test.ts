import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256Of } from "@sluice/steps";
import { expect, it, onTestFinished } from "vitest";
import { bundleRunner } from "../bundle.ts";

it("gives the same bytes for the same sources, wherever it is put", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-bundle-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const files = ["one.mjs", "two.mjs"].map((name) => join(folder, name));

  for (const file of files) await bundleRunner(file);

  const [one, two] = await Promise.all(files.map(async (file) => sha256Of(await readFile(file))));
  expect(one).toBe(two);
});
