import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { RunningHosts } from "../../local/hosts/start-hosts.ts";
import type { World } from "./world.ts";

const run = promisify(execFile);
const CONNECT = join(import.meta.dirname, "../../ansible/connect.sh");

const ONLINE_WITHIN_MS = 30_000;

/**
 * What a host answers to a command, asked by the account's owner over SSH, the way that builds go. Nothing of Sluice's own is asked.
 *
 * @param hosts of the world's cloud: only a cloud that has them can be asked
 */
export async function askHost(
  { cloud, account }: World,
  hosts: RunningHosts,
  environment: string,
  instance: string,
  command: string,
): Promise<string> {
  await hosts.waitFor(
    (all) => all.some(({ instanceId, state }) => instanceId === instance && state === "online"),
    ONLINE_WITHIN_MS,
  );
  const folder = await mkdtemp(join(tmpdir(), "sluice-ssh-"));
  try {
    const key = join(folder, "key");
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
    const { region, endpoint, credentials } = cloud.asOwner(account(environment));
    const options = [
      `IdentityFile=${key}`,
      "IdentitiesOnly=yes",
      "BatchMode=yes",
      "StrictHostKeyChecking=no",
      "UserKnownHostsFile=/dev/null",
      "LogLevel=ERROR",
      `ProxyCommand=sh ${CONNECT} %h %r`,
    ].flatMap((option) => ["-o", option]);
    const { stdout } = await run("ssh", ["-F", "none", ...options, "-l", "ubuntu", instance, command], {
      env: {
        PATH: cloud.path,
        HOME: folder,
        SLUICE_PUBLIC_KEY: `${key}.pub`,
        SLUICE_TUNNELS: folder,
        AWS_ENDPOINT_URL: endpoint,
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      },
      timeout: 30_000,
    });
    return stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
