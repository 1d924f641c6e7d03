"""Says what happens as one line of JSON each, for a program to read. What a task was given is never said; what it answers only when it fails."""

import json

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: sluice
type: stdout
short_description: one line of JSON for each task, failure and the end
description: Read by Sluice's runner.
"""

HIDDEN = "What it said is not shown, because it may hold a secret."


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "sluice"

    def v2_playbook_on_task_start(self, task, is_conditional):
        say(event="task", task=task.get_name())

    def v2_runner_on_failed(self, result, ignore_errors=False):
        if not ignore_errors:
            say(event="failed", host=result.host.get_name(), task=result.task.get_name(), words=words_of(result))

    def v2_runner_on_unreachable(self, result):
        say(event="unreachable", host=result.host.get_name(), task=result.task.get_name(), words=words_of(result))

    def v2_playbook_on_no_hosts_matched(self):
        say(event="nothing", words="The play matches none of the hosts.")

    def v2_playbook_on_stats(self, stats):
        say(event="ended", hosts={host: stats.summarize(host) for host in stats.processed})


def words_of(result):
    answer = result.result
    if result.task.no_log or "censored" in answer:
        return HIDDEN
    parts = [answer.get("msg"), answer.get("stderr"), answer.get("module_stderr")]
    for item in answer.get("results") or []:
        if item.get("failed"):
            parts.append(item.get("msg"))
    return " ".join(str(part).strip() for part in parts if part)[:2000]


def say(**said):
    print(json.dumps(said), flush=True)
