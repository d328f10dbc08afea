# SPDX-License-Identifier: MIT

"""What only Python has: views, misuse, asyncio; and whether it shows all cases of the conformance."""

import asyncio
import gc
import os
import re
import signal
import threading
import unittest

import interprocess
import interprocess.aio
from tests.python.conformance_messages import Exchange, InPlace
from tests.python.conformance_queues import Counting, Life, LostName, Waiting
from tests.python.queue_test_case import CAPACITY, CONFORMANCE, PATIENCE, QueueTestCase, text

# What C++ shows and Python cannot: nothing of Python's moves.
NOT_OF_PYTHON = {"C027", "C054"}


class ListTest(unittest.TestCase):
    def test_every_case_is_shown_under_its_name(self):
        with open(f"{CONFORMANCE}/README.md", encoding="utf-8") as page:
            listed = re.findall(r"^\| (C\d{3}) \| (\w+) \|", page.read(), re.MULTILINE)
        cases = (Exchange, InPlace, Waiting, Life, Counting, LostName)
        shown = {name[5:] for case in cases for name in dir(case) if name.startswith("test_")}
        self.assertEqual(
            shown, {f"{number}_{name}" for number, name in listed if number not in NOT_OF_PYTHON}
        )


class InPlaceTest(QueueTestCase):
    def test_views_outlive_nothing(self):
        publisher, subscriber = self.publisher(), self.subscriber()
        publisher.put(b"a message")
        message = subscriber.borrow()
        part = message.data[2:]
        self.assertRaisesRegex(BufferError, "views", message.acknowledge)
        self.assertEqual(part, b"message")
        part.release()
        message.acknowledge()
        message.give_back()

    def test_dropped_objects_give_back(self):
        publisher, subscriber = self.publisher(), self.subscriber()
        publisher.put(b"again")
        view = memoryview(subscriber.borrow()._raw)
        gc.collect()
        self.assertIsNone(subscriber.try_get())
        self.assertEqual(view, b"again")
        view.release()
        gc.collect()
        self.assertEqual(subscriber.get(), b"again")

    def test_call_holds_the_object_that_it_uses(self):
        begun = threading.Event()

        def take():
            begun.set()
            return interprocess.Subscriber(self.name, **self.options()).get(timeout=PATIENCE)

        publisher = self.publisher()
        taking = self.in_thread(take)
        begun.wait()
        gc.collect()
        publisher.put(b"late")
        self.assertEqual(taking.join(), b"late")

    def test_message_outlives_its_subscriber(self):
        publisher, subscriber = self.publisher(), self.subscriber()
        publisher.put(b"held")
        with subscriber.borrow() as message:
            subscriber.close()
            del subscriber
            gc.collect()
            self.assertEqual(message.data, b"held")

    def test_buffers_of_all_kinds(self):
        import array

        publisher, subscriber = self.publisher(), self.subscriber()
        for data in (bytearray(b"abcd"), memoryview(b"abcd"), array.array("B", b"abcd")):
            publisher.put(data)
            self.assertEqual(subscriber.get(), b"abcd")
        self.assertRaises(TypeError, publisher.put, "text")
        self.assertRaises(TypeError, publisher.put, None)
        self.assertRaises(BufferError, subscriber.get_into, b"read-only")


class MisuseTest(QueueTestCase):
    def test_bad_arguments(self):
        for name in ("", "a/b", ".x", "x" * 201):
            self.assertRaises(ValueError, interprocess.Publisher, name, directory=self.directory)
        self.assertRaises(TypeError, interprocess.Publisher)
        self.assertRaises(TypeError, interprocess.Publisher, self.name, no_such=1)
        self.assertRaises(ValueError, self.publisher, mode=7)
        subscriber = self.subscriber()
        self.assertRaises(TypeError, subscriber.get, timeout="1")
        self.assertRaises(ValueError, subscriber.get, timeout=float("nan"))
        self.assertRaises(TypeError, subscriber.get, stop=object())
        self.assertRaises(RuntimeError, subscriber.__init__, self.name, directory=self.directory)

    def test_object_that_never_opened(self):
        publisher = interprocess.Publisher.__new__(interprocess.Publisher)
        self.assertRaises(ValueError, publisher.put, b"x")
        self.assertEqual(publisher.capacity, 0)
        publisher.close()

    def test_fork(self):
        publisher, subscriber = self.publisher(), self.subscriber()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                try:
                    publisher.put(b"x")
                except interprocess.NotUsable:
                    with interprocess.Publisher(self.name, **self.options()) as own:
                        own.put(b"child")
                    status = 0
            finally:
                os._exit(status)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.assertEqual(subscriber.get(timeout=30), b"child")

    def test_ctrl_c_ends_a_wait(self):
        subscriber = self.subscriber()
        timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        self.assertRaises(KeyboardInterrupt, subscriber.get, timeout=60)
        timer.join()
        self.assertIsNone(subscriber.try_get())

    def test_many_threads_share_a_pair(self):
        publisher, subscriber = self.publisher(), self.subscriber()
        got = []

        def put(seed):
            for i in range(500):
                publisher.put(b"%d-%d" % (seed, i))

        def take():
            for _ in range(500):
                got.append(subscriber.get())

        threads = [threading.Thread(target=put, args=(i,)) for i in range(3)]
        threads += [threading.Thread(target=take) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(set(got)), 1500)


class RegistryTest(QueueTestCase):
    def test_list_and_remove(self):
        publisher = self.publisher()
        publisher.put(b"x")
        (entry,) = interprocess.list_queues(self.directory)
        self.assertEqual((entry.name, entry.capacity, entry.error), (self.name, CAPACITY, ""))
        interprocess.remove_queue(self.name, self.directory)
        self.assertEqual(interprocess.list_queues(self.directory), [])
        with self.assertRaises(FileNotFoundError):
            interprocess.remove_queue(self.name, self.directory)


class AsyncTest(QueueTestCase):
    def test_get_waits_and_put_waits(self):
        async def run():
            async with interprocess.aio.Subscriber(self.name, **self.options()) as subscriber:
                async with interprocess.aio.Publisher(self.name, **self.options()) as publisher:
                    getting = asyncio.ensure_future(subscriber.get())
                    await asyncio.sleep(0.01)
                    self.assertFalse(getting.done())
                    await publisher.put(b"late")
                    self.assertEqual(await getting, b"late")
                    await publisher.put(text(CAPACITY))
                    putting = asyncio.ensure_future(publisher.put(b"more"))
                    self.assertEqual(await subscriber.get(), text(CAPACITY))
                    await putting
                    async for message in subscriber:
                        self.assertEqual(message, b"more")
                        break
                    with self.assertRaises(interprocess.Timeout):
                        await subscriber.get(timeout=0.001)

        asyncio.run(run())

    def test_cancelled_get_takes_nothing(self):
        async def run():
            async with interprocess.aio.Subscriber(self.name, **self.options()) as subscriber:
                with interprocess.Publisher(self.name, **self.options()) as publisher:
                    for i in range(50):
                        getting = asyncio.ensure_future(subscriber.get())
                        await asyncio.sleep(0)
                        await asyncio.sleep(0)
                        publisher.put(b"%d" % i)
                        getting.cancel()
                        try:
                            message = await getting
                        except asyncio.CancelledError:
                            message = await subscriber.get(timeout=30)
                        self.assertEqual(message, b"%d" % i)

        asyncio.run(run())

    def test_wait_for(self):
        async def run():
            async with interprocess.aio.Subscriber(self.name, **self.options()) as subscriber:
                with self.assertRaises(asyncio.TimeoutError):
                    await asyncio.wait_for(subscriber.get(), 0.01)

        asyncio.run(run())
