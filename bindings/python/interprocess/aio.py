# SPDX-License-Identifier: MIT

"""Queues for asyncio.

    async with interprocess.aio.Subscriber("greetings") as subscriber:
        message = await subscriber.get()

A call that has to wait does so in a thread of the endpoint's own, which it starts for its first
wait. A call that is cancelled takes no message: one that arrives meanwhile is given back.
"""

import asyncio
import concurrent.futures

import interprocess


class _Endpoint:
    def __init__(self, endpoint):
        self._endpoint = endpoint
        self._threads = concurrent.futures.ThreadPoolExecutor(
            max_workers=1, thread_name_prefix="interprocess"
        )

    async def _wait(self, call, undo):
        """Runs `call(stop)` in the thread. When this is cancelled, `undo` gets what it returned."""
        stop = interprocess.Stop()
        future = self._threads.submit(call, stop)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            stop.set()

            def take_back(ended):
                if not ended.cancelled() and ended.exception() is None:
                    undo(ended.result())

            # The thread ends at once now; what it had before that is undone when it has.
            future.add_done_callback(take_back)
            raise

    def close(self):
        """Closes the endpoint, which ends the calls that wait, and its thread."""
        self._endpoint.close()
        self._threads.shutdown(wait=True)

    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, error, traceback):
        self.close()

    def __getattr__(self, name):
        return getattr(self._endpoint, name)


class Publisher(_Endpoint):
    """interprocess.Publisher, with `put` to be awaited. The try calls are those of the endpoint."""

    def __init__(self, name, **options):
        super().__init__(interprocess.Publisher(name, **options))

    async def put(self, data, timeout=None):
        """Waits for room and puts the message. Cancelled, it put all or nothing."""
        if self._endpoint.try_put(data):
            return
        kept = bytes(data)
        await self._wait(
            lambda stop: self._endpoint.put(kept, timeout, stop), lambda nothing: None
        )


class Subscriber(_Endpoint):
    """interprocess.Subscriber, with `get` and `borrow` to be awaited, for `async for` too."""

    def __init__(self, name, **options):
        super().__init__(interprocess.Subscriber(name, **options))

    async def borrow(self, timeout=None):
        """Waits for a message and lends it, in place."""
        try:
            return self._endpoint.borrow(0)
        except interprocess.Timeout:
            pass
        return await self._wait(
            lambda stop: self._endpoint.borrow(timeout, stop), lambda message: message.give_back()
        )

    async def get(self, timeout=None):
        """Waits for a message and returns its bytes."""
        message = self._endpoint.try_get()
        if message is not None:
            return message
        with await self.borrow(timeout) as borrowed:
            return bytes(borrowed.data)

    async def __aiter__(self):
        while True:
            yield await self.get()
