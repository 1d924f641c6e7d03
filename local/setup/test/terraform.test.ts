import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MissingPrerequisite } from "../missing-prerequisite.ts";
import { runCommand } from "../run-command.ts";
import { fetchTerraform, findTerraform, terraformPlatform } from "../terraform.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sluice-terraform-"));
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function pretend(folder: string, version: string): Promise<string> {
  await mkdir(join(root, folder));
  const script = `#!/bin/sh\necho '{"terraform_version":"${version}"}'\n`;
  await writeFile(join(root, folder, "terraform"), script, { mode: 0o755 });
  return join(root, folder);
}

async function zipOf(program: string, env: { PATH: string }): Promise<Uint8Array<ArrayBuffer>> {
  const file = join(root, "release.zip");
  await runCommand("python3", ["-m", "zipfile", "-c", file, program], { env });
  return new Uint8Array(await readFile(file));
}

test("passes over another minor version on the PATH", async () => {
  const PATH = [await pretend("new", "1.12.0"), await pretend("old", "1.1.1"), await pretend("right", "1.11.9")].join(
    ":",
  );

  expect(await findTerraform({ PATH })).toBe(join(root, "right/terraform"));
});

test("finds none where there is none", async () => {
  expect(await findTerraform({ PATH: `${root}:/nowhere` })).toBeUndefined();
});

test.each([
  ["linux", "x64", "linux_amd64"],
  ["darwin", "arm64", "darwin_arm64"],
])("calls %s on %s %s", (platform, architecture, name) => {
  expect(terraformPlatform(platform, architecture)).toBe(name);
});

test("fetches the release once and unpacks it", async () => {
  const env = { PATH: process.env.PATH ?? "" };
  const archive = await zipOf(join(await pretend("release", "1.11.4"), "terraform"), env);
  const digests = { linux_amd64: createHash("sha256").update(archive).digest("hex") };
  const asked: unknown[] = [];
  const released: typeof fetch = async (url) => {
    asked.push(url);
    return new Response(archive);
  };
  const options = { platform: "linux_amd64", digests, fetch: released };

  const program = await fetchTerraform(join(root, "fetched"), env, options);
  expect(await fetchTerraform(join(root, "fetched"), env, options)).toBe(program);

  expect(await findTerraform({ PATH: dirname(program) })).toBe(program);
  expect(asked).toEqual(["https://releases.hashicorp.com/terraform/1.11.4/terraform_1.11.4_linux_amd64.zip"]);
});

test("refuses an archive with another digest than the pinned one and installs nothing", async () => {
  const forged: typeof fetch = async () => new Response("not terraform");

  const fetched = fetchTerraform(join(root, "fetched"), {}, { platform: "linux_amd64", fetch: forged });

  await expect(fetched).rejects.toThrow(/has SHA-256 [0-9a-f]{64}, but 1ce99425.* is pinned\. Nothing was installed\./);
  expect(await readdir(root)).not.toContain("fetched.json");
});

test("says how to get it by hand when it cannot be fetched", async () => {
  const offline: typeof fetch = async () => {
    throw new TypeError("fetch failed");
  };

  const fetched = fetchTerraform(join(root, "fetched"), {}, { platform: "linux_amd64", fetch: offline });

  await expect(fetched).rejects.toThrow(MissingPrerequisite);
  await expect(fetched).rejects.toThrow("Put Terraform 1.11.x on your PATH");
});
