"""``POST /_local/give-back`` with a list of queue ARNs makes every message in flight visible again; answers how many.

For a Lambda host that was killed and started again: it is the only consumer of its queues, and no journal could know what was
on the wire. AWS has no such call, there the messages wait out the visibility time-out. Only the account's root may call it.

What is given back counts as not received. A killed host takes every function with it, where Lambda would lose one: a message
that a slow function works on must not be dead because others were killed beside it.

A receive that began before is the dead host's, even while its connection looks alive: on a busy machine the news that it is gone
came after the messages were given back, and it took them again, for as long as a visibility time-out lasts.
"""
import contextvars
import json
import time

import ministack.app
from ministack.core.arn import parse_arn
from ministack.core.iam_evaluator import is_root_access_key
from ministack.core.responses import set_request_account_id, set_request_region
from ministack.core.router import extract_access_key_id
from ministack.services import sqs
from place import replaces

_PATH = "/_local/give-back"
_arrived: contextvars.ContextVar[float | None] = contextvars.ContextVar("arrived", default=None)
_given_back_at: dict[str, float] = {}


@replaces(ministack.app, "app", ["async def app(scope, receive, send):"])
def with_give_back(serve):
    async def app(scope, receive, send):
        _arrived.set(time.monotonic())
        if scope["type"] != "http" or scope["path"] != _PATH:
            return await serve(scope, receive, send)
        status, text = _answer(scope, await _body(receive))
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": text.encode()})

    return app


@replaces(sqs, "_collect_msgs", ['m["receipt_handle"]', 'm["visible_at"]', 'm["receive_count"] += 1'])
def for_who_came_after(collect):
    def collect_for_caller(queue, *arguments):
        arrived = _arrived.get()
        if arrived is not None and arrived < _given_back_at.get(queue["attributes"]["QueueArn"], 0):
            raise ConnectionError("what this receiver had was given back: it is taken for dead")
        return collect(queue, *arguments)

    return collect_for_caller


def _answer(scope, body):
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    caller = extract_access_key_id(headers, {})
    if not caller or not is_root_access_key(caller):
        return 403, "only root may give messages back"
    return 200, str(sum(_give_back(arn) for arn in json.loads(body)))


def _give_back(queue_arn):
    where = parse_arn(queue_arn)
    set_request_account_id(where.account_id)
    set_request_region(where.region)
    _given_back_at[queue_arn] = time.monotonic()
    now = time.time()
    in_flight = [m for m in sqs._queue_by_arn(queue_arn)["messages"] if m["receipt_handle"] and m["visible_at"] > now]
    for message in in_flight:
        message["visible_at"] = now
        message["receive_count"] -= 1
    sqs.esm_wake.set()
    return len(in_flight)


async def _body(receive):
    body, more = b"", True
    while more:
        part = await receive()
        body, more = body + part.get("body", b""), part.get("more_body", False)
    return body
