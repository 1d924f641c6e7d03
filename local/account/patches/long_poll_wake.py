"""A long poll sees a message when it arrives.

MiniStack's ReceiveMessage sleeps up to 100 ms between looks, which makes a walk over two queues some 90 ms slower. The bus and
SQS already say ``esm_wake.set()`` on arrival: that wakes the sleepers too.
"""
import asyncio

from ministack.services import eventbridge, sqs
from place import replaces

_sleeping: set[asyncio.Future] = set()


def wake() -> None:
    """Ends every sleep between two looks, from any thread."""
    for sleep in list(_sleeping):
        sleep.get_loop().call_soon_threadsafe(_end, sleep)


def _end(sleep: asyncio.Future) -> None:
    if not sleep.done():
        sleep.set_result(None)


class _WakesSleepers:
    def __init__(self, event):
        self._event = event

    def set(self):
        self._event.set()
        wake()

    def __getattr__(self, name):
        return getattr(self._event, name)


class _InterruptibleSleep:
    """``asyncio`` for ReceiveMessage, which uses only its ``sleep``."""

    def __getattr__(self, name):
        return getattr(asyncio, name)

    async def sleep(self, seconds):
        woken = asyncio.get_running_loop().create_future()
        _sleeping.add(woken)
        try:
            await asyncio.wait_for(woken, seconds)
        except asyncio.TimeoutError:
            pass
        finally:
            _sleeping.discard(woken)


@replaces(sqs, "_act_receive_message", ["await asyncio.sleep(min(0.1, max(0.01, deadline - time.time())))"])
def with_interruptible_sleep(receive):
    sqs.asyncio = _InterruptibleSleep()
    return receive


for module in (sqs, eventbridge):
    module.esm_wake = _WakesSleepers(module.esm_wake)
