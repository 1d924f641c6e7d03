import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RequestId } from "@sluice/events";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../../../local/front/test/start-emulators.ts";
import { runCommand } from "../../../../local/setup/run-command.ts";
import { openSsh } from "../../src/ansible/ssh.ts";
import { type ConfigurationJob, configure } from "../../src/kinds/configuration.ts";
import { playbookBuild } from "./playbooks.ts";

const job = (more: Partial<ConfigurationJob> = {}): ConfigurationJob => ({
  request: RequestId.parse("req_7k3m9qx2"),
  playbook: "probe",
  variables: { name: "smoke" },
  hosts: "ssh",
  ...more,
});
const play = (...tasks: string[]) => `
- hosts: localhost
  gather_facts: false
  tasks:
${tasks.map((task) => `    - ${task}`).join("\n")}
`;
const program = (bin: string, name: string, script: string) =>
  writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
const kept = (work: string) => readFile(join(work, "ansible/probe.json"), "utf8");

it("configures the build itself, tells its tasks, and finds nothing to change the second time", async () => {
  const { build, said } = await playbookBuild();

  expect(await configure(build, job())).toEqual({ ran: true, hosts: 1, changed: 1, ok: 1 });
  expect(await configure(build, job())).toEqual({ ran: true, hosts: 1, changed: 0, ok: 1 });
  expect(said[0]).toEqual({ doing: "Task: Keep the request's values as they are" });
});

it("keeps hostile values as text", async () => {
  const { build, work, folder } = await playbookBuild();
  const variables = {
    name: "$(id)",
    note: `{{ lookup('pipe','touch ${folder}/ran') }}`,
    words: "{% raw %} #}\n--check -e @/etc/passwd \u202E !vault |",
    list: ["{{ 1 + 1 }}", "`id`"],
    // Names that Ansible knows are no variables of Ansible's here.
    ansible_connection: "ssh",
    hosts: "all",
  };

  await configure(build, job({ variables }));

  expect(JSON.parse(await kept(work))).toEqual(variables);
  expect(await readdir(folder)).not.toContain("ran");
});

it("lets nothing of the outer environment and no file of the machine's through to Ansible", async () => {
  const task = `ansible.builtin.copy: { content: "{{ lookup('env', 'ANSIBLE_REMOTE_USER') }} {{ lookup('env', 'LC_ALL') }} {{ lookup('env', 'AWS_PROFILE') }}", dest: "{{ sluice_folder }}/probe.json", mode: "0600" }`;
  const { build, work } = await playbookBuild({
    playbooks: { outer: play(task) },
    outer: {
      ANSIBLE_REMOTE_USER: "mallory",
      ANSIBLE_STDOUT_CALLBACK: "minimal",
      ANSIBLE_CONFIG: "/dev/null",
      ANSIBLE_CHECK_MODE_MARKERS: "true",
      AWS_PROFILE: "mallory",
    },
  });

  expect(await configure(build, job({ playbook: "outer" }))).toMatchObject({ changed: 1 });
  expect(await kept(work)).toBe(" C.UTF-8 ");
});

describe("a playbook that fails", () => {
  it("gives host, task and Ansible's own words", async () => {
    const task = `{ name: "Ensure the impossible", ansible.builtin.command: "sh -c 'echo no room >&2; exit 3'" }`;
    const { build } = await playbookBuild({ playbooks: { failing: play(task) } });

    await expect(configure(build, job({ playbook: "failing" }))).rejects.toMatchObject({
      code: "playbook_failed",
      message: "localhost, task “Ensure the impossible”: non-zero return code: no room",
      repeatable: true,
    });
  });

  it("hides what no_log hides", async () => {
    const task = `{ name: "Keep a secret", ansible.builtin.command: "sh -c 'echo hunter2 >&2; exit 3'", no_log: true }`;
    const { build } = await playbookBuild({ playbooks: { secret: play(task) } });

    const failure = await configure(build, job({ playbook: "secret" })).catch((cause: Error) => cause.message);

    expect(failure).toBe("localhost, task “Keep a secret”: what it said is hidden (no_log)");
  });

  it("that cannot be read says so", async () => {
    const { build } = await playbookBuild({ playbooks: { broken: "- hosts: [" } });

    await expect(configure(build, job({ playbook: "broken" }))).rejects.toMatchObject({
      code: "playbook_failed",
      message: expect.stringMatching(/^Ansible ended with code \d+: .*YAML/),
    });
  });

  it.each(["other", "../roles/baseline/tasks/main", "-vvv"])("%s is not known", async (playbook) => {
    const { build } = await playbookBuild();

    await expect(configure(build, job({ playbook }))).rejects.toMatchObject({ code: "playbook_unknown" });
  });
});

it("stops with the build, and takes the running task with it", async () => {
  const task = `{ name: "Take long", ansible.builtin.command: "sh -c 'sleep 5; touch {{ sluice_folder }}/late'" }`;
  const { build, stop, said, work } = await playbookBuild({ playbooks: { long: play(task) } });

  const configured = configure(build, job({ playbook: "long" }));
  const stopped = expect(configured).rejects.toMatchObject({ code: "interrupted", repeatable: true });
  while (said.length === 0) await new Promise((again) => setTimeout(again, 50));
  await new Promise((again) => setTimeout(again, 500));
  stop.abort();
  await stopped;

  await new Promise((again) => setTimeout(again, 5_500));
  expect(await readdir(join(work, "ansible"))).not.toContain("late");
});

describe("the way to hosts", () => {
  it("says in AWS's words why a host does not answer", async () => {
    const ask = "- { hosts: all, gather_facts: false, tasks: [{ ansible.builtin.ping: }] }";
    const { build, bin } = await playbookBuild({ playbooks: { ask } });
    await program(bin, "aws", `echo "An error occurred (AccessDenied) when calling $2" >&2; exit 254`);
    const hosts = [{ name: "web-7", instance_id: "i-0123456789abcdef0" }];
    const outputs = await build.jobs.put("outputs.json", JSON.stringify({ hosts }));

    await expect(configure(build, job({ playbook: "ask", outputs }))).rejects.toMatchObject({
      code: "host_unreachable",
      message: "web-7 does not answer: An error occurred (AccessDenied) when calling send-ssh-public-key",
    });
  });

  it("is a key of the job's own that nobody else may read, and a profile without a secret", async () => {
    const { build, work } = await playbookBuild();

    const ssh = await openSsh(build, { folder: work, request: "req_7k3m9qx2" });
    await ssh.close();

    expect((await stat(join(work, "ssh/key"))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(work, "ssh/key.pub"), "utf8")).toMatch(/^ssh-ed25519 \S+ sluice\n$/);
    expect(ssh.environment).toMatchObject({ AWS_PROFILE: "target", AWS_CONFIG_FILE: join(work, "ssh/aws-config") });
    expect(JSON.stringify(ssh)).not.toMatch(/secret|token/i);
  });

  it("pushes the key by the AWS CLI, then opens the tunnel by it", async () => {
    const { folder, bin } = await playbookBuild();
    await program(bin, "aws", `echo "$@" >> '${folder}/asked'`);

    await runCommand("sh", [join(ROOT, "ansible/connect.sh"), "i-0123456789abcdef0", "ubuntu"], {
      env: { PATH: `${bin}:/usr/bin:/bin`, SLUICE_PUBLIC_KEY: "/work/key.pub", SLUICE_TUNNELS: folder },
    });

    expect((await readFile(join(folder, "asked"), "utf8")).trim().split("\n")).toEqual([
      "ec2-instance-connect send-ssh-public-key --instance-id i-0123456789abcdef0 --instance-os-user ubuntu --ssh-public-key file:///work/key.pub",
      "ssm start-session --target i-0123456789abcdef0 --document-name AWS-StartSSHSession --parameters portNumber=22",
    ]);
  });
});
