"""A rule's target queue must exist and let the rule send; otherwise the event goes to the target's dead-letter queue, whose own
policy must name the rule too.

MiniStack asks no queue policy, ignores ``DeadLetterConfig`` and loses what it cannot deliver. AWS retries for 24 h first.
"""
import logging

from ministack.services import eventbridge, sqs
from place import replaces

_log = logging.getLogger("local.rule_delivery")


@replaces(eventbridge, "_invoke_target", ["def _invoke_target(target, event, rule, view=None):"])
def asking_the_queue(deliver):
    def invoke_target(target, event, rule, view=None):
        queue = target.get("Arn", "")
        if ":sqs:" not in queue or _may_send(rule, queue):
            return deliver(target, event, rule, view)

        dead = (target.get("DeadLetterConfig") or {}).get("Arn")
        if dead and _may_send(rule, dead):
            _log.warning("%s may not send to %s: event to %s", rule["Arn"], queue, dead)
            return deliver({**target, "Arn": dead}, event, rule, view)
        _log.error("%s may not send to %s nor to a dead-letter queue: event lost", rule["Arn"], queue)

    return invoke_target


@replaces(sqs, "queue_policy_allows", ["from ministack.app import AUTH"])
def as_the_queue_is_asked(allows):
    return allows


def _may_send(rule, queue_arn):
    if sqs._queue_by_arn(queue_arn) is None:
        return False
    account = rule["Arn"].split(":")[4]
    return sqs.queue_policy_allows(queue_arn, "events.amazonaws.com", rule["Arn"], account)
