import type { ConfigurationOutput } from "@sluice/events";
import type { ConfigurationInput } from "@sluice/jobs";
import { type Host, hostsIn } from "../ansible/hosts.ts";
import { runPlaybook } from "../ansible/playbook.ts";
import type { Build } from "../build.ts";
import { JobFailure } from "../job-failure.ts";

export type ConfigurationJob = Pick<ConfigurationInput, "request" | "playbook" | "variables" | "outputs">;

/**
 * Runs a playbook on the hosts that the request's apply made, or on the build itself.
 *
 * @throws JobFailure in Ansible's own words. What the tasks before the failing one did stays: a playbook repeats itself without harm.
 */
export async function configure(build: Build, job: ConfigurationJob): Promise<ConfigurationOutput> {
  const { playbook, variables: parameters, request: session } = job;
  const hosts = job.outputs && (await hostsOf(build, job.outputs));
  const done = await runPlaybook(build, { playbook, parameters, session, hosts });
  return { ran: true, ...done };
}

/** @throws JobFailure when the outputs are not those of the apply, or name no host. */
export async function hostsOf(
  build: Build,
  outputs: NonNullable<ConfigurationJob["outputs"]>,
): Promise<readonly Host[]> {
  const bytes = await build.jobs.get(outputs);
  if (bytes === "changed")
    throw new JobFailure("outputs_changed", "The apply's outputs are not what they were. Nothing was configured.");
  const hosts = hostsIn(new TextDecoder().decode(bytes));
  if (hosts.length === 0)
    throw new JobFailure("no_hosts", "The apply left no host that could be configured. Nothing was changed.");
  return hosts;
}
