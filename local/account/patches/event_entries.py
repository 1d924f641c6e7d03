"""PutEvents refuses what EventBridge refuses and MiniStack takes: an entry without source, detail-type or detail, a detail that
is no JSON object, a bus that does not exist (the event would be lost), and a call over 256 KB.

Sizes: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html
"""
import json

from ministack.core.responses import error_response_json
from ministack.services import eventbridge
from place import replaces
from screening import refusal, screen

_MAX_BYTES = 256 * 1024
_TIME_BYTES = 14


@replaces(eventbridge, "_put_events", ["def _put_events(data, allow_aws_source=False):"])
def as_strict_as_aws(put):
    def put_events(data, allow_aws_source=False):
        if sum(map(_size, data.get("Entries", []))) > _MAX_BYTES:
            return error_response_json("ValidationException",
                                       "Total size of the entries in the request is over the limit.", 400)
        return screen(data, _refused, lambda taken: put(taken, allow_aws_source))

    return put_events


def _refused(entry):
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return refusal("InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument.")
    try:
        if not isinstance(json.loads(entry["Detail"]), dict):
            return refusal("MalformedDetail", "Detail is malformed.")
    except ValueError:
        return refusal("MalformedDetail", "Detail is malformed.")
    bus, error = eventbridge._event_bus_name_from_ref(entry.get("EventBusName") or "default")
    if not error and bus not in eventbridge._event_buses:
        return refusal("InvalidArgument", f"Event bus {bus} does not exist.")
    return None


def _size(entry):
    texts = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail"), *(entry.get("Resources") or [])]
    return sum(len(text.encode()) for text in texts if text) + (_TIME_BYTES if entry.get("Time") else 0)
