import { expect, it } from "vitest";
import { playFailure } from "../../src/ansible/play-failure.ts";
import type { PlaybookRun, TaskResult } from "../../src/ansible/playbook.ts";
import { openText, words } from "../../src/masking/words.ts";

const failed: TaskResult = {
  line: "result",
  host: "web-7",
  task: words`baseline : Ensure sshd runs`,
  action: "ansible.builtin.service",
  outcome: "failed",
  words: words`Could not find the requested service ssh`,
};
const count = { ok: 3, changed: 1, failures: 1, unreachable: 0 };
const run = (changed: Partial<PlaybookRun>): PlaybookRun => ({
  ok: false,
  interrupted: false,
  counts: { "web-7": count },
  changed: [],
  failures: [failed],
  exitCode: 2,
  said: words``,
  ...changed,
});

it("names host, task and Ansible's own words, and can be repeated", () => {
  expect(playFailure(run({}))).toMatchObject({
    code: "playbook_failed",
    message: "web-7, task “Ensure sshd runs”: Could not find the requested service ssh",
    repeatable: true,
  });
});

it.each<Partial<TaskResult>>([
  { outcome: "unreachable", action: "ansible.builtin.stat" },
  { outcome: "failed", action: "ansible.builtin.wait_for_connection" },
])("says that a host does not answer: %j", (how) => {
  const failures = [{ ...failed, task: words`Wait until the host answers`, words: words`TargetNotConnected`, ...how }];

  expect(playFailure(run({ failures }))).toMatchObject({
    code: "host_unreachable",
    message: "web-7 does not answer, task “Wait until the host answers”: TargetNotConnected",
    repeatable: true,
  });
});

it("says what AWS said to the tunnel, which ssh does not", () => {
  const failures = [{ ...failed, outcome: "unreachable" as const, words: words`Connection closed by remote host` }];

  expect(playFailure(run({ failures }), { "web-7": words`\nAn error occurred (TargetNotConnected)\n` }).message).toBe(
    "web-7 does not answer: An error occurred (TargetNotConnected)",
  );
});

it("passes over what a rescue mended on another host", () => {
  const mended = { ...failed, host: "web-8", task: words`Ensure updates`, words: words`no package lists` };

  expect(
    playFailure(run({ failures: [failed, mended], counts: { "web-7": count, "web-8": { ...count, failures: 0 } } }))
      .message,
  ).toMatch(/^web-7, task “Ensure sshd runs”/);
});

it("shows control and direction marks as what they are, and cuts long words", () => {
  const said = `\u001b[31mred\u0007\n\u202Egnp.exe ${"x".repeat(5_000)}`;

  const { message } = playFailure(run({ failures: [{ ...failed, words: openText(said) }] }));

  expect(message).toContain("\\x1b[31mred\\x07 \\u{202e}gnp.exe");
  expect(message.length).toBeLessThan(1_000);
});

it("says what Ansible said when it could not begin, or that it said nothing", () => {
  expect(playFailure(run({ failures: [], exitCode: 4, said: words`[ERROR]: Syntax Error` })).message).toBe(
    "Ansible ended with code 4: [ERROR]: Syntax Error",
  );
  expect(playFailure(run({ failures: [] })).message).toBe("Ansible ended with code 2: without a word");
});

it("says that it was stopped", () => {
  expect(playFailure(run({ interrupted: true }))).toMatchObject({ code: "interrupted", repeatable: true });
});
