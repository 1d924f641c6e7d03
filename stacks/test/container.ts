import { spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { scriptOf } from "../../local/codebuild/buildspec.ts";
import { nodeOfBuilds } from "../../local/setup/node-of-builds.ts";

/** What a buildspec finds in its container: a shell, the image's Node, and an AWS CLI that gets and puts objects, here of a folder. */
export class Container {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async make(): Promise<Container> {
    const folder = await mkdtemp(join(tmpdir(), "sluice-container-"));
    await mkdir(join(folder, "bin"));
    await mkdir(join(folder, "src"));
    await writeFile(join(folder, "calls"), "");
    await writeFile(join(folder, "bin/aws"), awsCli(folder), { mode: 0o755 });
    return new Container(folder);
  }

  /** Puts an object into every bucket. Before it has been asked for so many times it is not there. */
  async has(key: string, object: { bytes: string | Uint8Array } | { file: string }, fromCall = 1): Promise<void> {
    const path = join(this.#folder, "objects", key);
    await mkdir(dirname(path), { recursive: true });
    await ("file" in object ? copyFile(object.file, path) : writeFile(path, object.bytes));
    await writeFile(`${path}.from`, String(fromCall));
  }

  /** What was put at a key, or nothing. */
  object(key: string): Promise<string | undefined> {
    return readFile(join(this.#folder, "objects", key), "utf8").catch(() => undefined);
  }

  /** How often an object was asked for. */
  async asked(key: string): Promise<number> {
    const calls = await readFile(join(this.#folder, "calls"), "utf8");
    return calls.split("\n").filter((call) => call === `get-object ${key}`).length;
  }

  /** Runs the commands as CodeBuild's default shell does: `sh`, in an empty folder. */
  async run(buildspec: string, env: Record<string, string>): Promise<{ code: number | null; log: string }> {
    const build = spawn("/bin/sh", ["-c", scriptOf(buildspec)], {
      cwd: join(this.#folder, "src"),
      env: { ...env, PATH: [join(this.#folder, "bin"), dirname(nodeOfBuilds), "/usr/bin", "/bin"].join(":") },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = new Promise<number | null>((resolve) => build.once("close", resolve));
    const [code, out, err] = await Promise.all([ended, text(build.stdout), text(build.stderr)]);
    return { code, log: out + err };
  }

  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }
}

/** `aws s3api get-object … FILE` and `put-object … --body FILE`, as far as a buildspec uses them. */
const awsCli = (folder: string) => `#!/bin/sh
verb=$2
for last; do :; done
while [ $# -gt 0 ]; do
  case "$1" in --key) key=$2;; --body) body=$2;; esac
  shift
done
echo "$verb $key" >> '${folder}/calls'
object='${folder}/objects'/$key
case "$verb" in
  put-object) mkdir -p "$(dirname "$object")"; cp "$body" "$object";;
  get-object)
    [ -f "$object" ] && [ "$(grep -c -x -F "$verb $key" '${folder}/calls')" -ge "$(cat "$object.from")" ] && exec cp "$object" "$last"
    echo "An error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not exist." >&2
    exit 254;;
esac
`;
