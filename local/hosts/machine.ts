import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { hostConfig } from "./host-config.ts";
import type { Place } from "./place.ts";

/** sshd by inetd's rules: one connection on standard input and output. Keys as Ubuntu's ec2-instance-connect wires them. */
const SSHD = [
  "/usr/sbin/sshd",
  "-i",
  "-o",
  "AuthorizedKeysCommand=/usr/bin/cat /run/instance-connect/%u",
  "-o",
  "AuthorizedKeysCommandUser=nobody",
];
const BOOT_DEADLINE_MS = 120_000;

/** A running host: a container on a disk of its own over the base. */
export interface Machine {
  /** Resolves with nothing when it has ended, and its mounts, processes and cgroups with it. */
  readonly ended: Promise<unknown>;
  /** One SSH connection into it, on the child's standard input and output. */
  connect(): ChildProcess;
  stop(): Promise<void>;
}

/**
 * Starts a host whose disk is in `folder`, which keeps what was written there before. The overlay lies in a mount namespace
 * of the runtime's own. The runtime holds the host's standard input: when we end, however we end, it closes, the first process
 * ends, the kernel kills all others, and the runtime tidies up.
 *
 * @throws when it has not booted after 30 s, with what it printed.
 */
export async function startMachine(
  { base, runtime, path }: Place,
  host: { id: string; hostname: string; folder: string; logFile: string },
): Promise<Machine> {
  const [upper, work, root, keys] = ["upper", "work", "root", "keys"].map((part) => join(host.folder, part)) as [
    string,
    string,
    string,
    string,
  ];
  for (const part of [upper, work, root, keys]) await mkdir(part, { recursive: true, mode: 0o755 });
  const config = hostConfig({ hostname: host.hostname, cgroup: `/${host.id}`, root, keys });
  await writeFile(join(host.folder, "config.json"), JSON.stringify(config));

  const script = 'mount -t overlay overlay -o "$1" "$2" && exec runc --root "$3" run --bundle "$4" "$5"';
  const disk = `lowerdir=${base},upperdir=${upper},workdir=${work}`;
  const child = spawn(
    "unshare",
    ["--mount", "/bin/sh", "-c", script, "host", disk, root, runtime, host.folder, host.id],
    { env: { PATH: path }, detached: true, stdio: ["pipe", "pipe", "pipe"] },
  );
  child.stdin.on("error", () => undefined); // It breaks when the host ends first; that is told by `ended`.
  const ended = once(child, "close");
  const machine: Machine = {
    ended,
    connect: () =>
      spawn("runc", ["--root", runtime, "exec", host.id, ...SSHD], {
        env: { PATH: path },
        detached: true,
        stdio: ["pipe", "pipe", "ignore"],
      }),
    async stop() {
      child.stdin.end();
      await ended;
    },
  };

  const printed: string[] = [];
  const log = createWriteStream(host.logFile, { flags: "a" });
  const booted = new Promise<"booted">((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on("line", (line) => {
        log.write(`${line}\n`);
        printed.push(line);
        if (line === "booted") resolve("booted");
      });
  });
  void ended.then(() => log.end());
  const late = new AbortController();
  const deadline = new Promise<"late">((resolve) => {
    const timer = setTimeout(() => resolve("late"), BOOT_DEADLINE_MS);
    late.signal.addEventListener("abort", () => clearTimeout(timer));
  });
  const outcome = await Promise.race([booted, deadline, ended.then(() => "ended" as const)]);
  late.abort();
  if (outcome === "booted") return machine;

  await machine.stop();
  throw new Error(`Host ${host.id} did not boot. It printed:\n${printed.slice(-20).join("\n")}`);
}
