import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ConfigurationOutput } from "@sluice/events";
import type { ConfigurationInput } from "@sluice/jobs";
import { appliedHosts } from "../ansible/hosts.ts";
import { buildInventory, inventoryOf } from "../ansible/inventory.ts";
import { playFailure } from "../ansible/play-failure.ts";
import { type Reach, runPlaybook } from "../ansible/playbook.ts";
import { openSsh, refusalsOf } from "../ansible/ssh.ts";
import type { Build } from "../build.ts";
import { JobFailure } from "../job-failure.ts";
import { words } from "../masking/words.ts";
import { NO_HOSTS } from "../scan/ask-controls.ts";

export type ConfigurationJob = Pick<ConfigurationInput, "request" | "playbook" | "variables" | "outputs" | "hosts">;

/**
 * A playbook on the hosts that an apply made, or without an apply's outputs on the build itself. It may be run again: it changes what is not yet as it should be.
 *
 * @throws JobFailure `playbook_failed`, `host_unreachable`, `interrupted`, `playbook_unknown`, `no_hosts` or `hosts_unknown`
 */
export async function configure(build: Build, job: ConfigurationJob): Promise<ConfigurationOutput> {
  const folder = join(build.work, "ansible");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (!job.outputs) return run(build, job, folder, { inventory: buildInventory, environment: {} });

  if (job.hosts === "none") return { ran: false, reason: NO_HOSTS };
  const hosts = await appliedHosts(build, job.outputs, "hosts_unknown");
  if (hosts.length === 0) throw new JobFailure("no_hosts", words`The apply left no host to configure.`);
  const ssh = await openSsh(build, { folder, request: job.request });
  try {
    return await run(build, job, folder, {
      inventory: inventoryOf(hosts),
      environment: ssh.environment,
      refusals: () => refusalsOf(ssh, hosts),
    });
  } finally {
    await ssh.close();
  }
}

async function run(build: Build, job: ConfigurationJob, folder: string, reach: Reach): Promise<ConfigurationOutput> {
  const played = await runPlaybook(build, { playbook: job.playbook, parameters: job.variables, folder, reach });
  if (!played.ok) throw playFailure(played, await reach.refusals?.());
  const counts = Object.values(played.counts);
  const sum = (of: "ok" | "changed") => counts.reduce((total, each) => total + each[of], 0);
  return { ran: true, hosts: counts.length, changed: sum("changed"), ok: sum("ok") };
}
