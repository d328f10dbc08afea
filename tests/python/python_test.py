# SPDX-License-Identifier: MIT

"""python_test.py: the package, as its wheel has it, on PYTHONPATH."""

import asyncio
import gc
import itertools
import os
import shutil
import signal
import sys
import tempfile
import threading
import unittest

import interprocess
import interprocess.aio

# The capacity and what a message takes of it beside its bytes.
CAPACITY = 4096
ENGINES = {
    interprocess.Protocol.NATIVE: 0,
    interprocess.Protocol.CLOUDTOID_V2: 8,
    interprocess.Protocol.CLOUDTOID_V3: 8,
    interprocess.Protocol.CLOUDTOID_V2_FORK: 8,
}
NUMBERS = itertools.count()


def text(size, seed=0):
    return bytes((seed * 31 + i * 7 + i // 251) % 256 for i in range(size))


class QueueTest(unittest.TestCase):
    protocol = interprocess.Protocol.NATIVE

    def setUp(self):
        self.directory = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.name = f"python{os.getpid()}-{next(NUMBERS)}"
        if self.protocol == interprocess.Protocol.CLOUDTOID_V2_FORK:
            self.addCleanup(self.remove_semaphore)

    def remove_semaphore(self):
        path = f"/dev/shm/sem.ct.ip.{self.name}"
        if os.path.exists(path):
            os.remove(path)

    def options(self, **more):
        return dict(directory=self.directory, capacity=CAPACITY, protocol=self.protocol, **more)

    def publisher(self, **more):
        endpoint = interprocess.Publisher(self.name, **self.options(**more))
        self.addCleanup(endpoint.close)
        return endpoint

    def subscriber(self, **more):
        endpoint = interprocess.Subscriber(self.name, **self.options(**more))
        self.addCleanup(endpoint.close)
        return endpoint

    def largest(self):
        return CAPACITY - ENGINES[self.protocol]

    def native(self):
        return self.protocol == interprocess.Protocol.NATIVE


class Conformance(QueueTest):
    """The cases of tests/conformance/README.md that Python can show, under their numbers."""

    def test_c001_to_c004_exchange(self):
        publisher, subscriber = self.publisher(), self.subscriber()
        self.assertIsNone(subscriber.try_get())
        for message in (b"hello", b"", bytes(range(256))):
            publisher.put(message)
            self.assertEqual(subscriber.get(), message)
        for i in range(20):
            publisher.put(text(10, i))
        self.assertEqual(subscriber.get_many(30), [text(10, i) for i in range(20)])

    def test_c005_c006_sizes(self):
        publisher, subscriber = self.publisher(), self.subscriber()
        for size in (0, 1, 47, 48, 49, 63, 64, 65, self.largest(), self.largest()):
            publisher.put(text(size, size))
            self.assertEqual(subscriber.get(), text(size, size))

    def test_c007_full(self):
        publisher, subscriber = self.publisher(), self.subscriber()
        self.assertTrue(publisher.try_put(text(self.largest())))
        self.assertFalse(publisher.try_put(text(49)))
        self.assertRaises(interprocess.Timeout, publisher.put, text(49), timeout=0)
        self.assertRaises(TimeoutError, publisher.put, text(49), timeout=0.001)
        subscriber.get()
        self.assertTrue(publisher.try_put(text(49)))

    def test_c008_too_large(self):
        publisher = self.publisher()
        self.assertRaises(ValueError, publisher.try_put, text(publisher.max_message_size + 1))

    def test_c009_small_buffer(self):
        publisher, subscriber = self.publisher(), self.subscriber()
        publisher.put(b"12345")
        with self.assertRaises(interprocess.BufferTooSmall) as caught:
            subscriber.get_into(bytearray(4))
        self.assertEqual(caught.exception.needed, 5)
        buffer = bytearray(9)
        self.assertEqual(subscriber.try_get_into(buffer), 5)
        self.assertEqual(buffer, b"12345\0\0\0\0")
        self.assertIsNone(subscriber.try_get_into(buffer))

    def test_c011_batch(self):
        publisher, subscriber = self.publisher(), self.subscriber()
        count = publisher.put_many([text(1000)] * 20)
        self.assertIn(count, (3, 4))
        self.assertEqual(publisher.put_many([text(1000)]), 0)
        self.assertEqual(len(subscriber.get_many(2)), 2)
        self.assertEqual(len(subscriber.get_many(9)), count - 2)

    def test_c021_to_c025_reservations(self):
        publisher, subscriber = self.publisher(), self.subscriber()
        with publisher.reserve(100) as room:
            room.data[:] = text(100)
            self.assertIsNone(subscriber.try_get())
        self.assertEqual(subscriber.get(), text(100))
        with publisher.reserve(100) as room:
            self.assertRaises(interprocess.InvalidArgument, room.commit, 101)
            room.data[:2] = b"ab"
            room.commit(2)
            self.assertRaises(interprocess.NotUsable, room._raw.commit, 2)
        self.assertEqual(subscriber.get(), b"ab")
        with self.assertRaises(KeyError):
            with publisher.reserve(self.largest()):
                raise KeyError
        self.assertTrue(publisher.try_put(text(self.largest())))

    def test_c029_to_c031_borrow(self):
        publisher, subscriber = self.publisher(), self.subscriber()
        publisher.put(b"lent")
        with self.assertRaises(KeyError):
            with subscriber.borrow() as message:
                self.assertEqual(message.data, b"lent")
                self.assertTrue(message.data.readonly)
                raise KeyError
        with subscriber.borrow() as message:
            self.assertEqual(message.info.size, 4)
            if self.native():
                self.assertEqual(message.info.earlier_deliveries, 1)
            self.assertFalse(message.info.redelivered)
        self.assertRaises(ValueError, bytes, message.data)
        self.assertIsNone(subscriber.try_get())

    def test_c036_to_c043_waits(self):
        publisher, subscriber = self.publisher(), self.subscriber()
        results = []
        reader = threading.Thread(target=lambda: results.append(subscriber.get()))
        reader.start()
        publisher.put(b"late")
        reader.join()
        self.assertEqual(results, [b"late"])
        self.assertRaises(interprocess.Timeout, subscriber.get, timeout=0.002)
        self.assertRaises(interprocess.Timeout, subscriber.borrow, -1)
        for end, error in (
            (lambda stop: stop.set(), interprocess.Cancelled),
            (lambda stop: subscriber.close(), interprocess.NotUsable),
        ):
            stop, begun = interprocess.Stop(), threading.Event()

            def wait():
                begun.set()
                with self.assertRaises(error):
                    subscriber.get(stop=stop)
                results.append(error)

            reader = threading.Thread(target=wait)
            reader.start()
            begun.wait()
            end(stop)
            reader.join()
            self.assertIs(results[-1], error)

    def test_c045_to_c053_life(self):
        publisher = self.publisher()
        self.assertEqual(publisher.capacity, CAPACITY)
        if self.native():
            self.assertRaises(
                interprocess.NotUsable,
                interprocess.Publisher,
                self.name,
                directory=self.directory,
                capacity=8192,
            )
        create = dict(mode=interprocess.Mode.CREATE_NEW)
        self.assertRaises(FileExistsError, self.publisher, **create)
        publisher.put(b"kept")
        publisher.close()
        publisher.close()
        self.assertRaises(interprocess.NotUsable, publisher.put, b"x")
        self.assertRaises(
            FileNotFoundError,
            interprocess.Subscriber,
            "no-such",
            directory=self.directory,
            mode=interprocess.Mode.OPEN_EXISTING,
        )
        if self.native():
            self.assertEqual(self.subscriber().get(), b"kept")

    def test_c055_lost_name(self):
        publisher, subscriber = self.publisher(), self.subscriber()
        publisher.put(b"left")
        for folder, _, files in os.walk(self.directory):
            for file in files:
                os.remove(os.path.join(folder, file))
        with self.assertRaises(interprocess.NotUsable) as caught:
            while True:
                publisher.try_put(b"")
                subscriber.borrow(0.001).give_back()
        self.assertIn("RemoveIPC", str(caught.exception))
        subscriber.drain_nameless()
        self.assertEqual(subscriber.get(), b"left")


def of_protocol(protocol):
    return type(f"Conformance_{protocol.name}", (Conformance,), {"protocol": protocol})


for _protocol in list(ENGINES)[1:]:
    globals()[f"Conformance_{_protocol.name}"] = of_protocol(_protocol)


class InPlaceTest(QueueTest):
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


class MisuseTest(QueueTest):
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


class RegistryTest(QueueTest):
    def test_list_and_remove(self):
        publisher = self.publisher()
        publisher.put(b"x")
        (entry,) = interprocess.list_queues(self.directory)
        self.assertEqual((entry.name, entry.capacity, entry.error), (self.name, CAPACITY, ""))
        interprocess.remove_queue(self.name, self.directory)
        self.assertEqual(interprocess.list_queues(self.directory), [])
        with self.assertRaises(FileNotFoundError):
            interprocess.remove_queue(self.name, self.directory)


class AsyncTest(QueueTest):
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


if __name__ == "__main__":
    print(f"Python {sys.version.split()[0]}, interprocess {interprocess.__version__}")
    unittest.main(argv=sys.argv[:1])
