import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Build } from "../build.ts";

/** What SSH needs to reach this environment's hosts. */
export type Tunnel = Readonly<{
  /** For `ssh -F`. */
  config: string;
  /** For the AWS CLI that opens the tunnel, and for nobody else. */
  env: Readonly<Record<string, string>>;
}>;

/** The profile of the AWS CLI that acts in the target account. */
const PROFILE = "target";

/**
 * A key of this job, and SSH's and the AWS CLI's settings. The key never leaves the build's folder; each connect lets its public half in for a minute.
 * The CLI assumes the target role by itself and renews it: no secret stands in a file, an argument or a variable.
 *
 * @param session names the session in the target account: the request's id
 */
export async function openTunnel(build: Build, session: string): Promise<Tunnel> {
  const folder = join(build.work, "ssh");
  await mkdir(folder, { mode: 0o700 });
  const key = join(folder, "key");
  const made = await build.runTool("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", session, "-f", key], {
    cwd: folder,
    onLine: () => undefined,
  });
  if (made.exitCode !== 0) throw new Error(`ssh-keygen ended with ${made.exitCode}`);

  const config = join(folder, "config");
  const awsConfig = join(folder, "aws");
  // A socket's path may have 107 characters, and a build's folder takes most of them.
  const sockets = await mkdtemp(join(tmpdir(), "ssh-"));
  await writeFile(config, sshConfig({ key, connect: join(build.release, "ansible/connect.sh"), sockets }));
  await writeFile(awsConfig, awsProfile(build, session));
  return { config, env: { AWS_CONFIG_FILE: awsConfig, AWS_PROFILE: PROFILE } };
}

function sshConfig({ key, connect, sockets }: Readonly<Record<"key" | "connect" | "sockets", string>>): string {
  return [
    "Host *",
    `  IdentityFile "${key}"`,
    "  IdentitiesOnly yes",
    "  BatchMode yes",
    `  ProxyCommand sh "${connect}" %h %r "${key}.pub"`,
    // A new host's key is known to nobody. That this is the host is vouched for by Systems Manager, which ends the tunnel at its instance id.
    "  StrictHostKeyChecking no",
    "  UserKnownHostsFile /dev/null",
    "  ControlMaster auto",
    "  ControlPersist 60s",
    `  ControlPath "${sockets}/%C"`,
    "  ServerAliveInterval 15",
    "  LogLevel ERROR",
    "",
  ].join("\n");
}

function awsProfile({ config }: Build, session: string): string {
  return [
    `[profile ${PROFILE}]`,
    `role_arn = ${config.TARGET_ROLE_ARN}`,
    `external_id = ${config.TARGET_EXTERNAL_ID}`,
    `role_session_name = ${session}`,
    "credential_source = EcsContainer",
    `region = ${config.TARGET_REGION}`,
    "",
  ].join("\n");
}
