import { expect, it } from "vitest";
import { callbackLine } from "../../src/ansible/callback-line.ts";

it("reads what the callback prints", () => {
  expect(callbackLine('{"line": "task", "task": "Wait until the host answers"}')).toEqual({
    line: "task",
    task: "Wait until the host answers",
  });
  expect(
    callbackLine(
      '{"line": "stats", "hosts": {"web-7": {"ok": 17, "failures": 0, "unreachable": 0, "changed": 5, "skipped": 9, "rescued": 0, "ignored": 0}}}',
    ),
  ).toEqual({ line: "stats", hosts: { "web-7": { ok: 17, changed: 5, failures: 0, unreachable: 0 } } });
});

it.each(["", "PLAY [all]", "{ not JSON", '{"line":"other"}', '{"line":"result","host":"web-7"}', "[1]"])(
  "passes over %j",
  (line) => {
    expect(callbackLine(line)).toBeUndefined();
  },
);
