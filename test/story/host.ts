import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { World } from "./world.ts";

const run = promisify(execFile);
const CONNECT = join(import.meta.dirname, "../../ansible/connect.sh");

/** What a host answers to a command, asked by the account's owner over SSH, the way that builds go. Nothing of Sluice's own is asked. */
export async function askHost(
  { cloud, account }: World,
  environment: string,
  instance: string,
  command: string,
): Promise<string> {
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
