import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ScanInput } from "@sluice/jobs";
import type { Build } from "../build.ts";
import { inOneLine, toolWords } from "../masking/words.ts";
import type { Hosts } from "../scan/control.ts";
import type { Host } from "./hosts.ts";
import { inventoryOf } from "./inventory.ts";
import { plainWords } from "./plain-words.ts";
import { playFailure } from "./play-failure.ts";
import { runPlaybook } from "./playbook.ts";
import { openSsh, refusalsOf, type Ssh } from "./ssh.ts";

const WORDS = 300;

/** Hosts over the SSH that configurations use; it is opened by the first question. sshd is asked without Ansible, whose work is what is judged. */
export function hostsOverSsh(
  build: Build,
  { request, variables }: Pick<ScanInput, "request" | "variables">,
  hosts: readonly Host[],
): Hosts {
  const folder = join(build.work, "ansible");
  let opened: Promise<Ssh> | undefined;
  const ssh = async () => {
    opened ??= mkdir(folder, { recursive: true, mode: 0o700 }).then(() => openSsh(build, { folder, request }));
    return opened;
  };
  const ask = async (host: Host) => ({
    host: host.name,
    settings: sshdSettings(await asked(build, await ssh(), host)),
  });
  let settings: ReturnType<Hosts["sshd"]> | undefined;

  return {
    sshd() {
      settings ??= Promise.all(hosts.map(ask));
      return settings;
    },
    async wouldChange(playbook) {
      const way = await ssh();
      const reach = { inventory: inventoryOf(hosts), environment: way.environment };
      const played = await runPlaybook(build, { playbook, parameters: variables, folder, reach, check: true });
      if (!played.ok) throw playFailure(played, await refusalsOf(way, hosts));
      return played.changed.map(({ host, task }) => ({ host, task }));
    },
    async close() {
      await (await opened?.catch(() => undefined))?.close();
    },
  };
}

/** @throws with AWS's words when it opened no tunnel, else with ssh's */
async function asked(
  build: Build,
  { args, environment, refusal }: Ssh,
  { name, instance_id, user }: Host,
): Promise<string[]> {
  const lines: string[] = [];
  const said: string[] = [];
  const { exitCode } = await build.runTool("ssh", [...args, "-l", user, instance_id, "sudo -n /usr/sbin/sshd -T"], {
    cwd: build.work,
    env: environment,
    onLine: (line) => lines.push(line),
    onErrorLine: (line) => said.push(line),
    interrupt: build.interrupt,
  });
  if (exitCode !== 0) {
    const why = inOneLine(await refusal(instance_id)) || toolWords(said.join("\n"), build.secrets);
    throw new Error(`${name} does not answer: ${plainWords(why, WORDS)}`);
  }
  return lines;
}

/** `sshd -T` says one setting a line, its name in small letters. The first of a name is the one that counts. */
function sshdSettings(lines: readonly string[]): Map<string, string> {
  const settings = new Map<string, string>();
  for (const line of lines) {
    const [name = "", ...value] = line.trim().split(" ");
    if (!settings.has(name)) settings.set(name, value.join(" "));
  }
  return settings;
}
