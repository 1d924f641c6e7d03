import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { EC2Client, RunInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import type { Credentials, Front } from "../../front/front.ts";
import { as, makeTargetRole, trust } from "../../front/test/roles.ts";
import {
  type Emulators,
  REGION,
  ROOT,
  SANDBOX,
  SLUICE,
  STAGING,
  startEmulators,
} from "../../front/test/start-emulators.ts";
import { ensureHosts, type Hosts } from "../../setup/hosts/ensure-hosts.ts";
import { startHosts } from "../start-hosts.ts";

/** Whether hosts can run here. Tests skip with the reason where they cannot. */
export const hosts: Hosts = await ensureHosts({ root: ROOT, ask: async () => false });
export const skipReason = hosts.kind === "none" ? hosts.reason : "";

export type World = Awaited<ReturnType<typeof startWorld>>;

/** Two target accounts with roles for applying and planning, and a key to log in with. */
export async function startWorld() {
  const emulators = await startEmulators();
  const { front } = emulators;
  for (const account of [STAGING, SANDBOX])
    for (const role of ["sluice-apply", "sluice-plan"])
      await makeTargetRole(front, account, role, [trust(`${SLUICE}:root`)]);
  const folder = await mkdtemp(join(tmpdir(), "sluice-hosts-"));
  await promisify(execFile)("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "key")]);
  return {
    front,
    emulators,
    folder,
    async stop() {
      await emulators.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Settings = Pick<Parameters<typeof startHosts>[0], "bootSeconds" | "keySeconds" | "now">;

export function startTheHosts(front: Front, directory: string, settings: Settings = {}) {
  if (hosts.kind === "none") throw new Error(hosts.reason);
  return startHosts({
    hosts,
    front,
    region: REGION,
    accounts: [STAGING, SANDBOX],
    directory,
    bootSeconds: 0,
    ...settings,
  });
}

export async function sessionOf(front: Front, account: string, role: string): Promise<Credentials> {
  const RoleArn = `arn:aws:iam::${account}:role/${role}`;
  const sts = new STSClient(as(front, front.rootCredentials));
  const { Credentials: keys } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "req_1" }));
  return {
    accessKeyId: keys?.AccessKeyId ?? "",
    secretAccessKey: keys?.SecretAccessKey ?? "",
    sessionToken: keys?.SessionToken ?? "",
  };
}

export async function runInstance(front: Front, account: string): Promise<string> {
  const ec2 = new EC2Client(as(front, await sessionOf(front, account, "sluice-apply")));
  const made = await ec2.send(new RunInstancesCommand({ ImageId: "ami-785db401", MinCount: 1, MaxCount: 1 }));
  return made.Instances?.[0]?.InstanceId ?? "";
}

export async function terminateInstance(front: Front, account: string, id: string): Promise<void> {
  const ec2 = new EC2Client(as(front, await sessionOf(front, account, "sluice-apply")));
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
}

/** A program's end: its code and what it printed. */
export async function run(command: string, args: readonly string[], env: Record<string, string>) {
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (printed += data));
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  return { code, printed };
}

/** What a build has: the front as AWS, a session of a target's role, the AWS CLI and the plugin. */
export async function buildEnvironment(
  { front, emulators, folder }: Pick<World, "front" | "folder"> & { emulators: Emulators },
  plugin: string,
  account: string,
  role = "sluice-apply",
): Promise<Record<string, string>> {
  const keys = await sessionOf(front, account, role);
  return {
    PATH: `${plugin}:${emulators.tools.path}`,
    HOME: folder,
    AWS_ENDPOINT_URL: front.url,
    AWS_DEFAULT_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_SESSION_TOKEN: keys.sessionToken ?? "",
  };
}

export function pushKey(env: Record<string, string>, id: string, user = "ubuntu", key = "key.pub") {
  const file = `file://${join(env.HOME ?? "", key)}`;
  return run(
    "aws",
    [
      "ec2-instance-connect",
      "send-ssh-public-key",
      "--instance-id",
      id,
      "--instance-os-user",
      user,
      "--ssh-public-key",
      file,
    ],
    env,
  );
}

export function ssh(env: Record<string, string>, id: string, command: string, user = "ubuntu") {
  const proxy = `aws ssm start-session --target ${id} --document-name AWS-StartSSHSession --parameters portNumber=22`;
  const options = [
    `ProxyCommand=${proxy}`,
    "StrictHostKeyChecking=accept-new",
    `UserKnownHostsFile=${join(env.HOME ?? "", "known_hosts")}`,
    "BatchMode=yes",
  ];
  const args = options.flatMap((option) => ["-o", option]);
  return run("ssh", ["-F", "none", "-i", join(env.HOME ?? "", "key"), ...args, `${user}@${id}`, command], env);
}

/** Whatever of hosts this machine still has: command lines, mounts in any namespace, cgroups. */
export async function leftOf(id: string): Promise<string[]> {
  const { printed } = await run("/bin/sh", ["-c", LOOK, "look", id], { PATH: "/usr/bin:/bin" });
  return printed.split("\n").filter(Boolean);
}
const LOOK = `
for p in /proc/[0-9]*; do
  [ "\${p#/proc/}" = $$ ] && continue
  grep -q "$1" $p/cgroup 2>/dev/null && echo "process $p"
  grep -q "$1" $p/mountinfo 2>/dev/null && echo "mount of $p"
done
find /sys/fs/cgroup -maxdepth 3 -type d -name "*$1*" 2>/dev/null`;

export async function isGone(id: string, deadlineMs = 30_000): Promise<string[]> {
  let left = await leftOf(id);
  for (const end = Date.now() + deadlineMs; left.length > 0 && Date.now() < end; left = await leftOf(id))
    await new Promise((go) => setTimeout(go, 50));
  return left;
}

export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.trim().split(" ").filter(Boolean).map(Number);
}
