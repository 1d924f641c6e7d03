import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Build } from "../build.ts";
import { JobFailure, sentenceOf } from "../job-failure.ts";
import { type Host, inventoryOf } from "./hosts.ts";
import { type Said, saidIn } from "./said.ts";
import { openTunnel, type Tunnel } from "./tunnel.ts";
import { asText } from "./values.ts";

export type PlaybookRun = Readonly<{
  playbook: string;
  /** Where it runs; the build itself when absent. */
  hosts?: readonly Host[] | undefined;
  /** The blueprint's parameters: `sluice.parameters` in a playbook. */
  parameters: Readonly<Record<string, unknown>>;
  /** Names the session in the target account: the request's id. */
  session: string;
  /** Only says what it would change. */
  check?: boolean;
}>;

/** Sums over all hosts. */
export type PlaybookDone = Readonly<{ hosts: number; ok: number; changed: number }>;

/**
 * Runs one playbook of the code release.
 *
 * @param opened a tunnel that this build has already
 * @throws JobFailure `host_unreachable` or `playbook_failed` with host, task and Ansible's own words, or `interrupted`.
 */
export async function runPlaybook(build: Build, run: PlaybookRun, opened?: Tunnel): Promise<PlaybookDone> {
  const folder = join(build.work, run.check ? "ansible-check" : "ansible");
  await mkdir(folder, { recursive: true });
  const sluice = { folder, parameters: asText(run.parameters) };
  await writeFile(join(folder, "inventory.yml"), JSON.stringify(inventoryOf(run.hosts))); // JSON is YAML.
  await writeFile(join(folder, "variables.json"), JSON.stringify({ sluice }));
  const tunnel = opened ?? (run.hosts && (await openTunnel(build, run.session)));

  const said: Said[] = [];
  const complaints: string[] = [];
  const { exitCode, interrupted } = await build.runTool(
    "ansible-playbook",
    [
      "--inventory=inventory.yml",
      "--extra-vars=@variables.json",
      ...(run.check ? ["--check"] : []),
      join(build.release, "ansible/playbooks", `${run.playbook}.yml`),
    ],
    {
      cwd: folder,
      env: {
        ANSIBLE_CONFIG: join(build.release, "ansible/ansible.cfg"),
        ANSIBLE_HOME: join(folder, "home"),
        ...(tunnel && { ANSIBLE_SSH_ARGS: `-F ${tunnel.config}`, ...tunnel.env }),
      },
      onLine: (line) => {
        const each = saidIn(line);
        if (each) said.push(each);
        if (each?.event === "task") build.say({ doing: each.task });
      },
      onErrorLine: (line) => complaints.push(line),
      interrupt: build.interrupt,
    },
  );
  if (interrupted)
    throw new JobFailure("interrupted", "The playbook was stopped before it was done.", { repeatable: true });
  const ended = said.find((each) => each.event === "ended");
  if (exitCode !== 0 || !ended) throw failureOf(said, complaints, exitCode);
  const tallies = Object.values(ended.hosts);
  const sum = (of: "ok" | "changed") => tallies.reduce((total, tally) => total + tally[of], 0);
  return { hosts: tallies.length, ok: sum("ok"), changed: sum("changed") };
}

function failureOf(said: readonly Said[], complaints: readonly string[], exitCode: number): JobFailure {
  const lost = said.find((each) => each.event === "unreachable");
  if (lost) return failure("host_unreachable", `${lost.host} could not be reached: ${lost.words}`);
  const failed = said.find((each) => each.event === "failed");
  if (failed) return failure("playbook_failed", `On ${failed.host}, “${failed.task}” failed: ${failed.words}`);
  const nothing = said.find((each) => each.event === "nothing");
  const words = nothing?.words ?? (complaints.join(" ") || `Ansible ended with code ${exitCode} and no word`);
  return failure("playbook_failed", words);
}

function failure(code: string, words: string): JobFailure {
  return new JobFailure(code, sentenceOf(words), { repeatable: true });
}
