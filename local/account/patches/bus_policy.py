"""A bus policy is kept and asked.

MiniStack's PutPermission takes a whole policy, even malformed JSON, throws it away and stores a statement that allows all. Its
engine can ask a resource's policy, once it is told where the text is.
"""
import json

from ministack.core import iam_evaluator
from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import error_response_json, json_response
from ministack.services import eventbridge
from place import replaces


@replaces(eventbridge, "_put_permission", ["_event_bus_policies[bus_name]"])
def keeping_whole_policies(put_statement):
    def put_permission(data):
        if "Policy" not in data:
            return put_statement(data)
        bus = data.get("EventBusName", "default")
        if bus not in eventbridge._event_buses:
            return error_response_json("ResourceNotFoundException", f"Event bus {bus} does not exist.", 400)
        try:
            policy = json.loads(data["Policy"])
            policy["Statement"]
        except (ValueError, KeyError, TypeError):
            return error_response_json("ValidationException", "The policy is not valid JSON with statements.", 400)
        eventbridge._event_bus_policies[bus] = policy
        return json_response({})

    return put_permission


@replaces(iam_evaluator, "_resource_policy", ["_RESOURCE_POLICY_LOOKUPS.get(service)", "getattr(module, lookup[1])"])
def asking_buses(resource_policy):
    iam_evaluator._RESOURCE_POLICY_LOOKUPS["events"] = ("eventbridge", "bus_policy_for_arn")
    return resource_policy


def bus_policy_for_arn(arn):
    """The policy and the account of a bus, or None where there is no policy or the ARN is not a bus's."""
    try:
        where = parse_arn(arn)
    except ArnParseError:
        return None
    kind, _, name = where.resource.partition("/")
    policy = eventbridge._event_bus_policies.get_scoped(where.account_id, where.region, name)
    return (policy, where.account_id) if kind == "event-bus" and policy else None


eventbridge.bus_policy_for_arn = bus_policy_for_arn
