"""``dynamodb:LeadingKeys``: the partition keys that a call names, of the table or index that a check is about.

MiniStack does not know the key, so that ``ForAllValues`` would pass every item. Scan names none, as on AWS.
"""
import contextvars
import json
import re

from ministack.core import iam_actions, iam_evaluator
from ministack.services import dynamodb
from place import replaces

# A Query whose partition key cannot be read must not pass as one that names no key.
_UNREADABLE = "(unreadable)"
_keys: contextvars.ContextVar[dict[tuple[str, str], list[str]]] = contextvars.ContextVar("leading_keys")


@replaces(iam_actions, "request_tag_context", ["def request_tag_context(service: str, iam_action: str, body: bytes"])
def noting_the_keys(tag_context):
    def context(service, iam_action, body, params):
        _keys.set(_leading_keys(iam_action, _parsed(body)) if service == "dynamodb" else {})
        return tag_context(service, iam_action, body, params)

    return context


@replaces(iam_evaluator, "enforce", ["service_context: dict[str, Any] | None = None"])
def with_leading_keys(enforce):
    def enforce_with_keys(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        if service == "dynamodb":
            table = resource_arn.rpartition(":table/")[2]
            keys = _keys.get({}).get((iam_action, table))
            if keys:
                service_context = {**(service_context or {}), "dynamodb:LeadingKeys": sorted(set(keys))}
        return enforce(access_key_id, iam_action, service, region, resource_arn=resource_arn,
                       service_context=service_context)

    return enforce_with_keys


def _parsed(body):
    """The request, or nothing when it is not JSON: then DynamoDB refuses it."""
    try:
        return json.loads(body or b"{}")
    except ValueError:
        return {}


def _leading_keys(iam_action, data):
    """By action and ``table`` or ``table/index/name``, as ``enforce`` will be asked."""
    found: dict[tuple[str, str], list[str]] = {}

    def note(action, table, key):
        found.setdefault((action, table.rpartition(":table/")[2]), []).append(key)

    for member in data.get("TransactItems") or []:
        for kind, item in member.items():
            action = iam_actions._DYNAMODB_TRANSACT_ITEM_ACTIONS.get(kind)
            if action:
                note(action, item["TableName"], _key_of(item["TableName"], item.get("Key") or item.get("Item")))
    for table, asked in (data.get("RequestItems") or {}).items():
        for key in _batch_items(asked):
            note(iam_action, table, _key_of(table, key))
    table = data.get("TableName")
    if table and (data.get("Key") or data.get("Item")):
        note(iam_action, table, _key_of(table, data.get("Key") or data.get("Item")))
    if table and iam_action == "dynamodb:Query":
        index = data.get("IndexName")
        note(iam_action, f"{table}/index/{index}" if index else table, _queried(data, _partition_key(table, index)))
    return found


def _batch_items(asked):
    if isinstance(asked, dict):
        return asked.get("Keys", [])
    return [write.get("PutRequest", {}).get("Item") or write.get("DeleteRequest", {}).get("Key") for write in asked]


def _queried(data, partition_key):
    """The value that the key condition compares the partition key with."""
    names, values = data.get("ExpressionAttributeNames") or {}, data.get("ExpressionAttributeValues") or {}
    for name, value in re.findall(r"([#\w.-]+)\s*=\s*(:\w+)", data.get("KeyConditionExpression") or ""):
        if names.get(name, name) == partition_key and value in values:
            return _text(values[value])
    legacy = (data.get("KeyConditions") or {}).get(partition_key) or {}
    return _text(legacy["AttributeValueList"][0]) if legacy.get("AttributeValueList") else _UNREADABLE


def _key_of(table, item):
    value = (item or {}).get(_partition_key(table, None))
    return _text(value) if value else _UNREADABLE


def _partition_key(table, index):
    described = dynamodb._tables.get(table.rpartition(":table/")[2]) or {}
    schema = described.get("KeySchema", [])
    if index:
        indexes = described.get("GlobalSecondaryIndexes", []) + described.get("LocalSecondaryIndexes", [])
        schema = next((i["KeySchema"] for i in indexes if i["IndexName"] == index), [])
    return next((key["AttributeName"] for key in schema if key["KeyType"] == "HASH"), None)


def _text(attribute):
    return str(next(iter(attribute.values())))
