"""What Ansible does, as one JSON object a line: for the runner, which tells people. Values never appear, but for the words of a failure."""

from __future__ import annotations

import json

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: sluice
    type: stdout
    short_description: one JSON object a line, without values
    description: A line for each task that starts, each host's result, and the counts at the end.
"""

HIDDEN = "what it said is hidden (no_log)"
WORDS = 2_000


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "sluice"

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._say(line="task", task=task.get_name())

    def v2_playbook_on_handler_task_start(self, task):
        self._say(line="task", task=task.get_name())

    def v2_runner_on_ok(self, result):
        self._result(result, "changed" if result.is_changed() else "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        if not ignore_errors:
            self._result(result, "failed", words=words_of(result.result))

    def v2_runner_on_unreachable(self, result):
        self._result(result, "unreachable", words=words_of(result.result))

    def v2_playbook_on_stats(self, stats):
        self._say(line="stats", hosts={host: stats.summarize(host) for host in stats.processed})

    def _result(self, result, outcome, **more):
        task = result.task
        self._say(
            line="result",
            host=result.host.get_name(),
            task=task.get_name(),
            action=task.action,
            outcome=outcome,
            **more,
        )

    def _say(self, **line):
        self._display.display(json.dumps(line))


def words_of(result):
    """Ansible's own words for a failure: of the first item that failed, where there are items."""
    if "censored" in result:
        return HIDDEN
    items = result.get("results")
    for item in items if isinstance(items, list) else []:
        if item.get("failed") or item.get("unreachable"):
            return words_of(item)
    said = [str(result.get(name) or "").strip() for name in ("msg", "stderr", "module_stderr")]
    return ": ".join(text for text in said if text)[:WORDS]
