import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { freePort, startProcess } from "../process/start-process.ts";

export interface Targets {
  /** Where moto answers. Callers go through the front, which says for which account they come. */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const SCRIPT = join(import.meta.dirname, "serve.py");

/**
 * Starts moto: one server for all target accounts, told apart by the header `x-moto-account-id`. It holds everything in
 * memory, so a new start is empty accounts. It checks no signature, role or expiry: the front does.
 *
 * @throws when the server does not listen within 30 s.
 */
export async function startTargets(options: {
  directory: string;
  tools: { python: string };
  region?: string;
}): Promise<Targets> {
  await mkdir(options.directory, { recursive: true });
  const port = await freePort();
  const running = await startProcess({
    name: "targets",
    command: options.tools.python,
    args: [SCRIPT, String(port)],
    env: {
      HOME: options.directory,
      TMPDIR: options.directory,
      LC_ALL: "C.UTF-8",
      PYTHONUNBUFFERED: "1",
      MOTO_IAM_LOAD_MANAGED_POLICIES: "true",
      AWS_DEFAULT_REGION: options.region ?? "eu-west-1",
      AWS_EC2_METADATA_DISABLED: "true",
    },
    cwd: options.directory,
    logFile: join(options.directory, "targets.log"),
    ready: (line) => line.includes("Running on http://"),
  });
  return { url: `http://127.0.0.1:${port}`, pid: running.pid, stop: () => running.kill() };
}
