"""``events:source`` and ``events:detail-type``: lists, as AWS's reference has them, of what a call brings to a bus.

MiniStack has neither key, so that a grant with such a condition would deny every PutEvents. What a call brings to one bus is
judged together, so that one entry which may not be put refuses the others too; a call of which nothing may be put is refused
whole. Two values match no operator but one on sets: with another one AWS does not say which of them it compares.
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

        entries = data.get("Entries", [])
        buses = [_bus_arn(entry) for entry in entries]
        brought = {bus: [entry for entry, its in zip(entries, buses) if its == bus] for bus in buses}
        refused = {bus: _refused(judge, bus, to_it) for bus, to_it in brought.items()}
        refusals = [refused[bus] for bus in buses]
        if refusals and all(refusals):
            return error_response_json("AccessDeniedException", refusals[0]["ErrorMessage"], 400)
        in_order = iter(refusals)
        return screen(data, lambda _: next(in_order), lambda taken: put(taken, allow_aws_source))

    return put_events


def _bus_arn(entry):
    bus = entry.get("EventBusName") or "default"
    return bus if bus.startswith("arn:") else f"arn:aws:events:{get_region()}:{get_account_id()}:event-bus/{bus}"


def _refused(judge, arn, entries):
    fields = {"events:source": "Source", "events:detail-type": "DetailType"}
    found = {key: sorted({entry[field] for entry in entries if entry.get(field)}) for key, field in fields.items()}
    # A list of one is that one, for an operator that compares with a single value.
    denied = judge(arn, {key: values if len(values) > 1 else values[0] for key, values in found.items() if values})
    if not denied:
        return None
    principal = getattr(denied, "principal_arn", "")
    return refusal("AccessDeniedException",
                   identity_denial_message(_PUT_EVENTS, principal, arn, getattr(denied, "decision", "") == "Deny"))
