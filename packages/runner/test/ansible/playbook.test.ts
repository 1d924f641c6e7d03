import { expect, it } from "vitest";
import { settingsIn } from "../../src/ansible/ask-hosts.ts";
import { runPlaybook } from "../../src/ansible/playbook.ts";
import { saidIn } from "../../src/ansible/said.ts";
import { memoryBuild } from "../memory-build.ts";

const task = (name: string) => JSON.stringify({ event: "task", task: name });
const ended = (more: object = {}) =>
  JSON.stringify({ event: "ended", hosts: { "web-7": { ok: 5, changed: 2, failures: 0, unreachable: 0, ...more } } });
const run = { playbook: "probe", parameters: { note: "x" }, session: "req_7k3m9qx2" };

async function played(lines: string[], code = 0) {
  const made = await memoryBuild({ "--inventory=inventory.yml": { lines, code } });
  return { made, done: runPlaybook(made.build, run) };
}

it("sums what the hosts say, and tells each task as it begins", async () => {
  const { made, done } = await played([task("Install packages"), "[WARNING]: something", task("SSH"), ended()]);

  expect(await done).toEqual({ hosts: 1, ok: 5, changed: 2 });
  expect(made.said).toEqual([{ doing: "Install packages" }, { doing: "SSH" }]);
});

it.each([
  [
    "playbook_failed",
    [JSON.stringify({ event: "failed", host: "web-7", task: "Install packages", words: "No package nginxx" }), ended()],
    "On web-7, “Install packages” failed: No package nginxx",
  ],
  [
    "host_unreachable",
    [JSON.stringify({ event: "unreachable", host: "web-7", task: "Wait", words: "TargetNotConnected" }), ended()],
    "web-7 could not be reached: TargetNotConnected",
  ],
  ["playbook_failed", [JSON.stringify({ event: "nothing", words: "No hosts." })], "No hosts."],
  ["playbook_failed", [], "Ansible ended with code 2 and no word"],
])("fails as %s in Ansible's words", async (code, lines, message) => {
  const { done } = await played(lines, 2);

  await expect(done).rejects.toMatchObject({ code, message, repeatable: true });
});

it("has not succeeded without a word of the end", async () => {
  const { done } = await played([task("Install packages")]);

  await expect(done).rejects.toMatchObject({ code: "playbook_failed" });
});

it.each(["", "{", '{"event":"task"}', '{"event":"else","task":"x"}', "[1]", "PLAY RECAP ***"])(
  "takes %j for nobody's word",
  (line) => {
    expect(saidIn(line)).toBeUndefined();
  },
);

it("reads what sshd goes by", () => {
  expect(settingsIn("port 22\npermitrootlogin no\nsubsystem sftp /usr/lib/sftp-server\n\nBanner")).toEqual({
    port: "22",
    permitrootlogin: "no",
    subsystem: "sftp /usr/lib/sftp-server",
  });
});
