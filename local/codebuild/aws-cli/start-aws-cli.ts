import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startProcess } from "../../process/start-process.ts";

export interface AwsCli {
  /** For the beginning of a `PATH`: its `aws` is answered by the loaded CLI. */
  readonly bin: string;
  stop(): Promise<void>;
}

/** A socket's name is 107 bytes at most, wherever the project lies: it is opened from its own folder. */
const SOCKET = "socket";

/**
 * Starts one AWS CLI for all builds of a cloud; see `serve.py`. Commands other than `s3api` start a CLI of their own, as ever: they may talk for hours.
 *
 * @throws when it does not answer within 30 s.
 */
export async function startAwsCli({
  directory,
  tools,
}: {
  directory: string;
  tools: { python: string; aws: string };
}): Promise<AwsCli> {
  const folder = join(directory, "aws-cli");
  const bin = join(folder, "bin");
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, "aws"), caller(tools, folder));
  await chmod(join(bin, "aws"), 0o755);
  const running = await startProcess({
    name: "aws-cli",
    command: tools.python,
    args: [join(import.meta.dirname, "serve.py"), SOCKET],
    env: { HOME: folder, LC_ALL: "C.UTF-8", AWS_EC2_METADATA_DISABLED: "true" },
    cwd: folder,
    logFile: join(directory, "aws-cli.log"),
    ready: (line) => line === "ready",
  });
  return { bin, stop: () => running.kill() };
}

/**
 * What builds call: hands over all that a program is given, and ends as the CLI did. Without site packages it starts many times faster than the CLI, and
 * twice as fast again without `json` and `socket`: words are separated by NUL, which no argument and no variable can hold.
 */
function caller({ python, aws }: { python: string; aws: string }, folder: string): string {
  return `#!${python} -IS
import os, sys
if sys.argv[1:2] != ["s3api"]:
    os.execv(${JSON.stringify(aws)}, [${JSON.stringify(aws)}, *sys.argv[1:]])
import _socket
here = os.getcwd()
asked = b"\\0".join([os.fsencode(here), str(len(sys.argv) - 1).encode(), *map(os.fsencode, sys.argv[1:]),
    *(name + b"=" + value for name, value in os.environb.items())])
cli = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
os.chdir(${JSON.stringify(folder)})
cli.connect(${JSON.stringify(SOCKET)})
os.chdir(here)
files = b"".join(file.to_bytes(4, sys.byteorder) for file in (0, 1, 2))
cli.sendmsg([len(asked).to_bytes(4, "big")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, files)])
cli.sendall(asked)
code = cli.recv(1)
sys.exit(code[0] if code else 255)
`;
}
