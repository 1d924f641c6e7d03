import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installOnce } from "./install-once.ts";
import { MissingPrerequisite } from "./missing-prerequisite.ts";
import { runCommand } from "./run-command.ts";

const PROGRAMS = ["python3.13", "python3.12", "python3.11", "python3"];
const OLDEST_MINOR = 11;
const UV = fileURLToPath(new URL("uv.txt", import.meta.url));
const PACKAGES = fileURLToPath(new URL("requirements.txt", import.meta.url));

/**
 * Python looks for garbage after every 700 new objects, and a program that imports much makes only such as stay: it was a quarter of what
 * Ansible did for a probe.
 */
const COLLECTING = "import gc; gc.set_threshold(50_000, 20, 50)\n";

/**
 * Makes a virtual environment with exactly the packages of `requirements.txt`, each checked by its SHA-256: both emulators,
 * the AWS CLI and Ansible. One environment, because their requirements agree and it is made once instead of twice. Resolves with its `bin`.
 *
 * @throws MissingPrerequisite when there is no Python 3.11 or newer, or it cannot make virtual environments.
 */
export async function ensurePythonPackages(path: string, env: Record<string, string>): Promise<string> {
  const wanted = createHash("sha256")
    .update(await readFile(UV))
    .update(await readFile(PACKAGES))
    .update("compiled")
    .update(COLLECTING);
  const folder = await installOnce({
    path,
    fingerprint: wanted.digest("hex"),
    install: async (directory) => {
      const python = await findPython(env);
      const installer = join(directory, "uv");
      await makeEnvironment(python, installer, env);
      await runCommand(
        join(installer, "bin/python"),
        ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--requirement", UV],
        { env },
      );

      const uv = join(installer, "bin/uv");
      const packages = join(directory, "packages");
      await runCommand(uv, ["venv", "--quiet", "--python", python, packages], { env });
      await runCommand(
        uv,
        // Compiled here, once: Ansible and the emulators compile nothing for later, and did it anew at each of their thousand starts.
        [
          "pip",
          "install",
          "--quiet",
          "--compile-bytecode",
          "--require-hashes",
          "--python",
          packages,
          "--requirement",
          PACKAGES,
        ],
        { env },
      );
      await collectSeldom(packages);
    },
  });
  return join(folder, "packages/bin");
}

/** By a `.pth`, which Python runs whenever it starts in this environment (https://docs.python.org/3/library/site.html). */
async function collectSeldom(environment: string): Promise<void> {
  const versions = await readdir(join(environment, "lib"));
  await Promise.all(
    versions.map((version) =>
      writeFile(join(environment, "lib", version, "site-packages/collect-seldom.pth"), COLLECTING),
    ),
  );
}

/**
 * The first program on the `PATH` that is Python 3.11 or newer, as the path of its real executable.
 *
 * @throws MissingPrerequisite naming what was found instead.
 */
export async function findPython(env: Record<string, string>): Promise<string> {
  const found: string[] = [];
  for (const program of PROGRAMS) {
    const answer = await askPython(program, env);
    if (!answer) continue;
    if (answer.major === 3 && answer.minor >= OLDEST_MINOR) return answer.executable;
    found.push(`${program} is ${answer.major}.${answer.minor}`);
  }
  throw new MissingPrerequisite(
    `Python 3.11 or newer is needed for the emulators of AWS${found.length > 0 ? ` (${found.join(", ")})` : ""}. Get it with ` +
      "`apt install python3 python3-venv`, `brew install python@3.13` or from https://www.python.org/downloads/.",
  );
}

async function askPython(
  program: string,
  env: Record<string, string>,
): Promise<{ major: number; minor: number; executable: string } | undefined> {
  const question = "import sys; print(sys.version_info.major, sys.version_info.minor, sys.executable)";
  try {
    const [major = "", minor = "", ...executable] = (await runCommand(program, ["-c", question], { env }))
      .trim()
      .split(" ");
    return { major: Number(major), minor: Number(minor), executable: executable.join(" ") };
  } catch {
    return undefined; // Absent, or a version manager's stand-in for a version that is not selected: the next one is asked.
  }
}

async function makeEnvironment(python: string, directory: string, env: Record<string, string>): Promise<void> {
  try {
    await runCommand(python, ["-m", "venv", directory], { env });
  } catch (cause) {
    throw new MissingPrerequisite(
      `${python} cannot make virtual environments. On Debian and Ubuntu the package is apart: \`apt install python3-venv\`.`,
      { cause },
    );
  }
}
