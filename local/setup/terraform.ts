import { createHash } from "node:crypto";
import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { installOnce } from "./install-once.ts";
import { MissingPrerequisite } from "./missing-prerequisite.ts";
import { findPython } from "./python.ts";
import { runCommand } from "./run-command.ts";

/** The release that is fetched when the `PATH` has no Terraform of this minor version. Lock-file and plan formats follow the minor. */
export const TERRAFORM_VERSION = "1.11.4";
const MINOR = TERRAFORM_VERSION.split(".").slice(0, 2).join(".");

/** SHA-256 of the release archives, as HashiCorp's own formula for this version lists them. */
const DIGESTS: Readonly<Record<string, string>> = {
  darwin_amd64: "a56d5002b9f7647291faccc3dd1a70350e60fb61e4c45037629508b8fdc2575b",
  darwin_arm64: "867e0808fa971217043e25b7a792b10720c79b1546f8a68479b74f138be73e18",
  linux_amd64: "1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc",
  linux_arm64: "a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633",
};

/** This machine in Terraform's words, such as `linux_amd64`. */
export function terraformPlatform(platform: string = process.platform, architecture: string = process.arch): string {
  return `${platform}_${architecture === "x64" ? "amd64" : architecture}`;
}

/** The path of a Terraform of the pinned minor version on the `PATH`, or nothing. */
export async function findTerraform(env: Record<string, string>): Promise<string | undefined> {
  for (const directory of (env.PATH ?? "").split(":").filter((entry) => entry.startsWith("/"))) {
    const program = join(directory, "terraform");
    try {
      const answer: unknown = JSON.parse(
        await runCommand(program, ["version", "-json"], { env: { ...env, CHECKPOINT_DISABLE: "1" } }),
      );
      if (versionOf(answer).startsWith(`${MINOR}.`)) return program;
    } catch {
      // Not there or not runnable: the next directory is asked.
    }
  }
  return undefined;
}

/**
 * Fetches the pinned release beside `path` and unpacks it only if its SHA-256 is the pinned one. Resolves with the program.
 *
 * @throws MissingPrerequisite when it cannot be had from here, naming how to get it by hand.
 */
export async function fetchTerraform(
  path: string,
  env: Record<string, string>,
  {
    platform = terraformPlatform(),
    digests = DIGESTS,
    fetch = globalThis.fetch,
  }: { platform?: string; digests?: Readonly<Record<string, string>>; fetch?: typeof globalThis.fetch } = {},
): Promise<string> {
  const folder = await installOnce({
    path,
    fingerprint: `${TERRAFORM_VERSION} ${platform}`,
    install: async (directory) => {
      const archive = join(directory, "terraform.zip");
      await writeFile(archive, await download(platform, digests[platform], fetch));
      // Python unpacks it, since not every machine has unzip.
      await runCommand(await findPython(env), ["-m", "zipfile", "-e", archive, directory], { env });
      await rm(archive);
      await chmod(join(directory, "terraform"), 0o755);
    },
  });
  return join(folder, "terraform");
}

async function download(
  platform: string,
  digest: string | undefined,
  fetch: typeof globalThis.fetch,
): Promise<Uint8Array> {
  const url = `https://releases.hashicorp.com/terraform/${TERRAFORM_VERSION}/terraform_${TERRAFORM_VERSION}_${platform}.zip`;
  const byHand = `Put Terraform ${MINOR}.x on your PATH: https://developer.hashicorp.com/terraform/install`;
  if (!digest) throw new MissingPrerequisite(`There is no pinned Terraform for ${platform}. ${byHand}`);

  let bytes: Uint8Array;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(240_000) });
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    bytes = new Uint8Array(await answer.arrayBuffer());
  } catch (cause) {
    throw new MissingPrerequisite(
      `Terraform ${MINOR} is not on the PATH and could not be fetched from ${url}. ${byHand}`,
      { cause },
    );
  }

  const actual = createHash("sha256").update(bytes).digest("hex");
  if (actual !== digest)
    throw new Error(`${url} has SHA-256 ${actual}, but ${digest} is pinned. Nothing was installed.`);
  return bytes;
}

function versionOf(answer: unknown): string {
  if (typeof answer !== "object" || answer === null || !("terraform_version" in answer)) return "";
  return String(answer.terraform_version);
}
