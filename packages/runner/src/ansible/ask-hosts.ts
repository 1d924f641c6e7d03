import type { Build } from "../build.ts";
import type { Hosts, SshdSettings } from "../scan/control.ts";
import type { Host } from "./hosts.ts";
import { type PlaybookRun, runPlaybook } from "./playbook.ts";
import { openTunnel, type Tunnel } from "./tunnel.ts";

/** Hosts as a scan asks them: over the same tunnel that configured them, and never to change anything. */
export function askHosts(
  build: Build,
  hosts: readonly Host[],
  run: Omit<PlaybookRun, "hosts" | "check" | "playbook"> & Readonly<{ playbook: string | undefined }>,
): Hosts {
  let tunnel: Promise<Tunnel> | undefined;
  return {
    async sshdSettings() {
      if (hosts.length === 0) throw new Error("The apply left no host to ask");
      tunnel ??= openTunnel(build, run.session);
      const open = await tunnel;
      const answers = hosts.map(async (host) => [host.name, settingsIn(await sshd(build, open, host))] as const);
      return Object.fromEntries(await Promise.all(answers));
    },
    wouldChange() {
      const { playbook } = run;
      if (!playbook) throw new Error("No playbook has configured these hosts");
      tunnel ??= openTunnel(build, run.session);
      return tunnel.then((open) => runPlaybook(build, { ...run, playbook, hosts, check: true }, open));
    },
  };
}

/** @throws with SSH's own words when the host does not answer. */
async function sshd(build: Build, { config, env }: Tunnel, { user, instance, name }: Host): Promise<string> {
  const lines: string[] = [];
  const complaints: string[] = [];
  const { exitCode } = await build.runTool(
    "ssh",
    ["-F", config, `${user}@${instance}`, "sudo", "-n", "/usr/sbin/sshd", "-T"],
    {
      cwd: build.work,
      env,
      onLine: (line) => lines.push(line),
      onErrorLine: (line) => complaints.push(line),
      interrupt: build.interrupt,
    },
  );
  if (exitCode !== 0)
    throw new Error(`${name} did not say what its sshd goes by: ${complaints.join(" ").slice(0, 300)}`);
  return lines.join("\n");
}

/** `sshd -T` prints one setting a line, in lower case. */
export function settingsIn(text: string): SshdSettings {
  return Object.fromEntries(
    text.split("\n").flatMap((line) => {
      const [, key, value] = /^([a-z0-9]+) (.*)$/.exec(line) ?? [];
      return key === undefined || value === undefined ? [] : [[key, value]];
    }),
  );
}
