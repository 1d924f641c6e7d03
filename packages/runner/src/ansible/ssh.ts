import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Build } from "../build.ts";
import { toolWords, type Words } from "../masking/words.ts";
import { awsProfile, PROFILE } from "./aws-profile.ts";
import type { Host } from "./hosts.ts";

/** A way to hosts by SSH, for one job. */
export type Ssh = Readonly<{
  /** What ssh needs to know, as its arguments. */
  args: readonly string[];
  /** What Ansible, ssh and the AWS CLI below them see beside the tools' own environment. */
  environment: Readonly<Record<string, string>>;
  /** What AWS said when the last tunnel to an instance was not opened, or nothing. ssh itself says only that the connection was closed. */
  refusal(instance: string): Promise<Words>;
  /** Ends the connections that are kept open. */
  close(): Promise<void>;
}>;

/**
 * A key of the job's own, the target account's role as an AWS profile, and ssh told to connect by `ansible/connect.sh` of the release.
 * All of it lies in `folder` and goes with the build.
 *
 * @throws when no key can be made
 */
export async function openSsh(
  { config, release, runTool, secrets }: Pick<Build, "config" | "release" | "runTool" | "secrets">,
  { folder, request }: { folder: string; request: string },
): Promise<Ssh> {
  const files = join(folder, "ssh");
  const tunnels = join(files, "tunnels");
  await mkdir(tunnels, { recursive: true, mode: 0o700 });
  const [key, profile] = [join(files, "key"), join(files, "aws-config")];
  await makeKey({ runTool, secrets }, files);
  await writeFile(
    profile,
    awsProfile({
      roleArn: config.TARGET_ROLE_ARN,
      externalId: config.TARGET_EXTERNAL_ID,
      sessionName: request,
      region: config.TARGET_REGION,
    }),
  );
  // A socket's path may have 104 characters, which a build's folder can use up.
  const sockets = await mkdtemp(join(tmpdir(), "ssh-"));
  const args = sshArguments({ key, sockets, connect: join(release, "ansible/connect.sh") });
  const environment = {
    AWS_CONFIG_FILE: profile,
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_PROFILE: PROFILE,
    AWS_REGION: config.TARGET_REGION,
    AWS_DEFAULT_REGION: config.TARGET_REGION,
    HOME: files, // Where the AWS CLI keeps its session.
    SLUICE_PUBLIC_KEY: `${key}.pub`,
    SLUICE_TUNNELS: tunnels,
  };
  return {
    args,
    environment: { ...environment, ANSIBLE_SSH_ARGS: args.map(quoted).join(" ") },
    refusal: async (instance) => toolWords(await readFile(join(tunnels, instance), "utf8").catch(() => ""), secrets), // Nothing: never tried.
    async close() {
      for (const socket of await readdir(sockets))
        await runTool("ssh", ["-F", "/dev/null", "-S", join(sockets, socket), "-O", "exit", "host"], {
          cwd: files,
          onLine: () => undefined,
        });
      await rm(sockets, { recursive: true, force: true });
    },
  };
}

/** What AWS said to each host's last tunnel, by the host's name. */
export async function refusalsOf(ssh: Pick<Ssh, "refusal">, hosts: readonly Host[]): Promise<Record<string, Words>> {
  return Object.fromEntries(
    await Promise.all(hosts.map(async ({ name, instance_id }) => [name, await ssh.refusal(instance_id)] as const)),
  );
}

/** ssh reads `%` in a path as a token of its own. */
function sshArguments({ key, sockets, connect }: { key: string; sockets: string; connect: string }): string[] {
  const options = {
    IdentityFile: `"${key.replaceAll("%", "%%")}"`,
    IdentitiesOnly: "yes",
    IdentityAgent: "none",
    BatchMode: "yes",
    ProxyCommand: `sh ${quoted(connect).replaceAll("%", "%%")} %h %r`,
    // The tunnel ends at the instance id that Systems Manager vouches for; a new host's key is known to nobody beforehand.
    StrictHostKeyChecking: "no",
    UserKnownHostsFile: "/dev/null",
    LogLevel: "ERROR",
    // A connection begins with two calls to AWS.
    ConnectTimeout: "30",
    ServerAliveInterval: "15",
    ServerAliveCountMax: "4",
    // One connection, and so one key, for a play: the instance takes a key for a minute.
    ControlMaster: "auto",
    ControlPersist: "60s",
    ControlPath: `${sockets}/%C`,
  };
  // Nothing of the machine's own settings.
  return ["-F", "/dev/null", ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`])];
}

async function makeKey({ runTool, secrets }: Pick<Build, "runTool" | "secrets">, cwd: string): Promise<void> {
  const said: string[] = [];
  const { exitCode } = await runTool("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "sluice", "-f", "key"], {
    cwd,
    onLine: (line) => said.push(line),
    onErrorLine: (line) => said.push(line),
  });
  if (exitCode !== 0) throw new Error(`ssh-keygen made no key: ${toolWords(said.join("\n"), secrets)}`);
}

/** For a shell, and for Ansible, which splits as a shell does. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
