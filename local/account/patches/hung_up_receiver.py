"""A receiver that is gone takes no messages.

MiniStack goes on with a killed caller's long poll for up to 20 s and hands it messages. They would wait out the visibility
time-out and lose one of their receives: seen in a dead-letter queue without any function ever having had them.
"""
import asyncio
import contextvars

import ministack.app
from ministack.services import sqs
from place import replaces

_RECEIVE = (b"x-amz-target", b"AmazonSQS.ReceiveMessage")
_hung_up: contextvars.ContextVar[asyncio.Event | None] = contextvars.ContextVar("hung_up", default=None)


@replaces(sqs, "_collect_msgs", ["receipt_handle"])
def only_for_somebody(collect):
    def collect_for_caller(*arguments):
        hung_up = _hung_up.get()
        if hung_up is not None and hung_up.is_set():
            raise ConnectionError("the receiver has hung up")
        return collect(*arguments)

    return collect_for_caller


@replaces(ministack.app, "app", ["async def app(scope, receive, send):"])
def watching_receivers(serve):
    async def app(scope, receive, send):
        if scope["type"] != "http" or _RECEIVE not in scope["headers"]:
            return await serve(scope, receive, send)

        request = [await receive()]
        while request[-1].get("more_body"):
            request.append(await receive())
        hung_up = asyncio.Event()
        _hung_up.set(hung_up)
        watcher = asyncio.create_task(_watch(receive, hung_up))

        async def replay():
            return request.pop(0) if request else await asyncio.Future()

        try:
            return await serve(scope, replay, send)
        finally:
            watcher.cancel()

    return app


async def _watch(receive, hung_up):
    while (await receive())["type"] != "http.disconnect":
        pass
    hung_up.set()
