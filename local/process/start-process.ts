import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

export interface RunningProcess {
  /** The guard's pid, which is also the process group's. */
  readonly pid: number;
  /** Exit code, or 137 when it was killed. */
  readonly exited: Promise<number>;
  /** SIGKILL to the whole group, without grace. Resolves when it is gone. */
  kill(): Promise<void>;
}

/**
 * A shell that leads the process group, runs the program, and kills the group when its standard input closes: that happens
 * when we end, however we end. `read` is the shell's own, so nothing is left when the program ends by itself.
 */
const GUARD = `exec 3<&0; "$@" </dev/null 3<&- & child=$!; (read -r _ <&3; kill -KILL -$$) & guard=$!; wait $child; code=$?; kill $guard 2>/dev/null; exit $code`;

/**
 * Starts a program with exactly this environment, in its own process group, that ends when this process ends.
 * Its output goes to `logFile`. Resolves when a line of its output satisfies `ready` (at once when none is given).
 *
 * @throws when it ends or `deadlineMs` passes before it is ready, with the last lines it printed.
 */
export async function startProcess(program: {
  name: string;
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
  logFile: string;
  ready?: (line: string) => boolean;
  deadlineMs?: number;
}): Promise<RunningProcess> {
  const child = spawn("/bin/sh", ["-c", GUARD, program.name, program.command, ...program.args], {
    cwd: program.cwd,
    env: program.env,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin?.on("error", () => undefined); // The pipe breaks when the program ends first; that is told by `exited`.
  const exited = once(child, "exit").then(([code]) => (typeof code === "number" ? code : 137));
  const running = { pid: pidOf(child, program.name), exited, kill: () => killGroup(child, exited) };

  const lastLines: string[] = [];
  const log = createWriteStream(program.logFile, { flags: "a" });
  const ready = new Promise<void>((resolve) => {
    if (!program.ready) resolve();
    for (const stream of [child.stdout, child.stderr])
      if (stream)
        createInterface({ input: stream }).on("line", (line) => {
          log.write(`${line}\n`);
          lastLines.push(line);
          if (lastLines.length > 20) lastLines.shift();
          if (program.ready?.(line)) resolve();
        });
  });

  const deadlineMs = program.deadlineMs ?? 120_000;
  const deadline = new AbortController();
  const outcome = await Promise.race([
    ready.then(() => "ready" as const),
    exited.then((code) => `ended with ${code}`),
    new Promise<string>((resolve) => {
      const timer = setTimeout(() => resolve(`was not ready after ${deadlineMs} ms`), deadlineMs);
      deadline.signal.addEventListener("abort", () => clearTimeout(timer));
    }),
  ]);
  deadline.abort();
  if (outcome === "ready") return running;

  await running.kill();
  throw new Error(`${program.name} ${outcome}. It printed:\n${lastLines.join("\n")}`);
}

/** A TCP port on loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (!address || typeof address === "string") throw new Error("No free port on 127.0.0.1");
  return address.port;
}

function pidOf(child: ChildProcess, name: string): number {
  if (child.pid === undefined) throw new Error(`${name} could not be started`);
  return child.pid;
}

async function killGroup(child: ChildProcess, exited: Promise<number>): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch (cause) {
      if (!(cause instanceof Error && "code" in cause && cause.code === "ESRCH")) throw cause; // Gone already is what we want.
    }
  }
  await exited;
}
