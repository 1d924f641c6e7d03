"""``events:source`` and ``events:detail-type``, judged entry by entry.

MiniStack has neither key, so that a grant with such a condition would deny every PutEvents. An entry that the caller may not
put is answered ``AccessDeniedException``, the others are taken; a call of which nothing may be put is refused whole.
"""
import contextvars

from ministack.core import iam_evaluator
from ministack.core.iam_actions import identity_denial_message
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import eventbridge
from place import replaces
from screening import refusal, screen

_PUT_EVENTS = "events:PutEvents"
_judge: contextvars.ContextVar = contextvars.ContextVar("judge")


@replaces(iam_evaluator, "enforce", ["service_context: dict[str, Any] | None = None", "_ALWAYS_ALLOWED_ACTIONS"])
def leaving_entries_for_later(enforce):
    def enforce_call(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        if iam_action != _PUT_EVENTS:
            return enforce(access_key_id, iam_action, service, region, resource_arn=resource_arn,
                           service_context=service_context)

        def judge(bus_arn, keys):
            return enforce(access_key_id, _PUT_EVENTS, service, region, resource_arn=bus_arn, service_context=keys)

        _judge.set(judge)
        # An action that everybody may: what is left of the check is who the caller is.
        return enforce(access_key_id, "sts:GetCallerIdentity", service, region)

    return enforce_call


@replaces(eventbridge, "_put_events", ["def _put_events(data, allow_aws_source=False):"])
def judging_each_entry(put):
    def put_events(data, allow_aws_source=False):
        judge = _judge.get(None)
        if judge is None:
            return put(data, allow_aws_source)  # MiniStack's own services

        refusals = [_refused(judge, entry) for entry in data.get("Entries", [])]
        if refusals and all(refusals):
            return error_response_json("AccessDeniedException", refusals[0]["ErrorMessage"], 400)
        in_order = iter(refusals)
        return screen(data, lambda _: next(in_order), lambda taken: put(taken, allow_aws_source))

    return put_events


def _refused(judge, entry):
    bus = entry.get("EventBusName") or "default"
    arn = bus if bus.startswith("arn:") else f"arn:aws:events:{get_region()}:{get_account_id()}:event-bus/{bus}"
    keys = {"events:source": entry.get("Source"), "events:detail-type": entry.get("DetailType")}
    denied = judge(arn, {key: value for key, value in keys.items() if value is not None})
    if not denied:
        return None
    principal = getattr(denied, "principal_arn", "")
    return refusal("AccessDeniedException",
                   identity_denial_message(_PUT_EVENTS, principal, arn, getattr(denied, "decision", "") == "Deny"))
