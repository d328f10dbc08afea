# SPDX-License-Identifier: MIT

"""Waiting, the life of a queue, counting and lost names, of tests/conformance/README.md."""

import os
import shutil
import time

import interprocess
from interprocess import Mode
from tests.python.queue_test_case import CAPACITY, PATIENCE, for_all_protocols, text


class Waiting:
    def setUp(self):
        super().setUp()
        self.other = self.new_directory()
        self.full = self.publisher()
        self.empty = self.subscriber(directory=self.other)
        self.fill()

    def fill(self):
        self.assertTrue(self.full.try_put(text(self.largest())))

    def calls(self):
        """Every call that waits, with its endpoint: a full queue's, or an empty one's."""
        return [
            (self.full, lambda **wait: self.full.put(text(49), **wait)),
            (self.full, lambda **wait: self.full.reserve(49, **wait).abort()),
            (self.full, lambda **wait: self.full.put_many([text(49), text(50)], **wait)),
            (self.empty, lambda **wait: self.empty.get(**wait)),
            (self.empty, lambda **wait: self.empty.get_into(bytearray(100), **wait)),
            (self.empty, lambda **wait: self.empty.get_many(3, **wait)),
            (self.empty, lambda **wait: self.empty.borrow(**wait).acknowledge()),
        ]

    def new_endpoints(self):
        """Of the queues of calls(): none of them has waited."""
        keeper = self.publisher()
        self.full.close()
        self.empty.close()
        self.full, self.empty = self.publisher(), self.subscriber(directory=self.other)
        keeper.close()

    def test_C036_DequeueWaitsForAMessage(self):
        getting = self.in_thread(self.empty.get)
        self.assertTrue(self.begins_to_wait(self.empty))
        self.assertTrue(self.publisher(directory=self.other).try_put(b"late"))
        self.assertEqual(getting.join(), b"late")

    def test_C037_EnqueueWaitsForRoom(self):
        putting = self.in_thread(lambda: self.full.put(text(self.largest(), 1)))
        self.assertTrue(self.begins_to_wait(self.full))
        subscriber = self.subscriber()
        self.assertEqual(subscriber.try_get(), text(self.largest()))
        putting.join()
        self.assertEqual(subscriber.try_get(), text(self.largest(), 1))

    def test_C038_DeadlineEndsAWait(self):
        for _, call in self.calls():
            start = time.monotonic()
            self.assertRaises(TimeoutError, call, timeout=0.003)
            self.assertGreaterEqual(time.monotonic() - start, 0.003)
        self.assertEqual(self.subscriber().try_get_many(9), [text(self.largest())])

    def test_C039_PastDeadlineStillTriesOnce(self):
        for _, call in self.calls():
            self.assertRaises(interprocess.Timeout, call, timeout=-1)
        self.assertEqual(len(self.subscriber().try_get_many(9)), 1)
        other = self.publisher(directory=self.other)
        for _, call in self.calls():
            other.put(b"there")
            call(timeout=-1)
            self.empty.try_get_many(9)

    def test_C040_StopBeforeTheCallDoesNothing(self):
        self.assertEqual(len(self.subscriber().try_get_many(9)), 1)
        self.publisher(directory=self.other).put(b"there")
        stop = interprocess.Stop()
        stop.set()
        for _, call in self.calls():
            self.assertRaises(interprocess.Cancelled, call, stop=stop)
        self.assertEqual(self.empty.try_get(), b"there")
        self.assertIsNone(self.subscriber().try_get())

    def test_C041_StopEndsAWait(self):
        for i in range(len(self.calls())):
            self.new_endpoints()
            endpoint, call = self.calls()[i]
            stop = interprocess.Stop()
            waiting = self.in_thread(lambda: call(stop=stop))
            self.assertTrue(self.begins_to_wait(endpoint))
            stop.set()
            self.assertRaises(interprocess.Cancelled, waiting.join)

    def test_C042_CloseEndsAWait(self):
        keeper = self.publisher()
        for i in range(len(self.calls())):
            self.new_endpoints()
            endpoint, call = self.calls()[i]
            waiting = self.in_thread(call)
            self.assertTrue(self.begins_to_wait(endpoint))
            endpoint.close()
            self.assertRaises(interprocess.NotUsable, waiting.join)
        keeper.close()

    def test_C043_ReserveBorrowAndBatchWaitToo(self):
        for i in (1, 2, 5, 6):
            self.new_endpoints()
            endpoint, call = self.calls()[i]
            waiting = self.in_thread(call)
            self.assertTrue(self.begins_to_wait(endpoint))
            self.subscriber().try_get()
            self.publisher(directory=self.other).put(b"late")
            waiting.join()
            # Full again, for the next that puts.
            self.subscriber().try_get_many(9)
            self.empty.try_get_many(9)
            self.fill()


class Life:
    def test_C044_CapacityIsRoundedUp(self):
        for asked, given in ((1, 4096), (4096, 4096), (4097, 8192), (100_000, 131_072)):
            publisher, subscriber = self.pair(capacity=asked)
            for endpoint in (publisher, subscriber):
                self.assertEqual((endpoint.capacity, endpoint.max_message_size), (given, given))
                endpoint.close()

    def test_C045_OtherOptionsAreFailedPrecondition(self):
        publisher = self.publisher()
        self.assertRaisesRegex(
            interprocess.NotUsable, "4096.*8192|8192.*4096", self.subscriber, capacity=8192
        )
        publisher.close()

    def test_C046_OpenExistingNeedsAQueue(self):
        for make in (self.publisher, self.subscriber):
            self.assertRaises(FileNotFoundError, make, mode=Mode.OPEN_EXISTING)
        publisher = self.publisher()
        self.subscriber(mode=Mode.OPEN_EXISTING)
        publisher.close()

    def test_C047_OpenExistingTakesTheQueuesOptions(self):
        publisher = self.publisher()
        subscriber = self.subscriber(mode=Mode.OPEN_EXISTING, capacity=1 << 20)
        self.assertEqual(subscriber.capacity, CAPACITY)
        publisher.close()

    def test_C048_CreateNewNeedsNone(self):
        publisher = self.publisher(mode=Mode.CREATE_NEW)
        publisher.put(b"there")
        for make in (self.publisher, self.subscriber):
            self.assertRaises(FileExistsError, make, mode=Mode.CREATE_NEW)
        self.assertEqual(self.subscriber().try_get(), b"there")

    def test_C049_SameNameInTwoDirectoriesIsTwoQueues(self):
        other = self.new_directory()
        self.publisher().put(b"here")
        there = self.publisher(directory=other)
        there.put(b"there")
        self.assertEqual(self.subscriber(directory=other).try_get_many(9), [b"there"])
        publisher = self.publisher()
        publisher.put(b"here")
        self.assertEqual(self.subscriber().try_get(), b"here")

    def test_C050_EmptyQueueGoesWithTheLast(self):
        publisher, subscriber = self.pair()
        subscriber.close()
        self.assertTrue(self.has_queue())
        publisher.put(b"x")
        subscriber = self.subscriber()
        self.assertEqual(subscriber.try_get(), b"x")
        subscriber.close()
        publisher.close()
        self.assertFalse(self.has_queue())

    def test_C051_UndeliveredMessagesAreKept(self):
        publisher = self.publisher()
        publisher.put_many([b"1", text(1000)])
        publisher.close()
        for message in (b"1", text(1000)):
            subscriber = self.subscriber()
            self.assertEqual(subscriber.try_get(), message)
            subscriber.close()
        self.assertFalse(self.has_queue())

    def test_C052_UndeliveredMessagesGoIfTheLastSaysSo(self):
        publisher = self.publisher(keep_undelivered=False)
        publisher.put(b"x")
        publisher.close()
        self.assertFalse(self.has_queue())

    def test_C053_CallsAfterCloseAreFailedPrecondition(self):
        keeper = self.publisher()
        publisher, subscriber = self.pair()
        publisher.put(b"x")
        for _ in range(2):
            publisher.close()
            subscriber.close()
            for call in (
                lambda: publisher.try_put(b"y"),
                lambda: publisher.put(b"y"),
                lambda: publisher.put_many([b"y"]),
                lambda: publisher.reserve(1),
                subscriber.try_get,
                subscriber.get,
                lambda: subscriber.get_many(1),
                subscriber.borrow,
            ):
                self.assertRaises(interprocess.NotUsable, call)
        self.assertEqual(self.subscriber().try_get(), b"x")
        keeper.close()

    def expect_one_at_a_time(self, make, kind, **options):
        first = make(**options)
        for text_of_error in (f"one {kind} at a time", f"process {os.getpid()}"):
            self.assertRaisesRegex(interprocess.NotUsable, text_of_error, make, **options)
        first.close()
        make(**options)

    def test_C062_SecondPublisherIsRefusedNamingTheFirst(self):
        self.subscriber(one_publisher=True)
        self.subscriber(one_publisher=True)
        self.expect_one_at_a_time(self.publisher, "publisher", one_publisher=True)

    def test_C063_SecondSubscriberIsRefusedNamingTheFirst(self):
        self.publisher(one_subscriber=True)
        self.publisher(one_subscriber=True)
        self.expect_one_at_a_time(self.subscriber, "subscriber", one_subscriber=True)

    def test_C064_MakerDecidesWhoIsAlone(self):
        publisher = self.publisher(one_publisher=True, one_subscriber=True)
        self.assertRaisesRegex(interprocess.NotUsable, "one_publisher", self.subscriber)
        subscriber = self.subscriber(mode=Mode.OPEN_EXISTING)
        self.assertRaises(interprocess.NotUsable, self.subscriber, mode=Mode.OPEN_EXISTING)
        publisher.put(b"x")
        self.assertEqual(subscriber.try_get(), b"x")


class Counting:
    def test_C065_DepthCountsWhatWaits(self):
        publisher, subscriber = self.pair()

        def expect(depth):
            self.assertEqual((publisher.depth(), subscriber.depth()), (depth, depth))

        expect(0)
        self.assertEqual(publisher.try_put_many([b"x"] * 50), 50)
        expect(50)
        room = publisher.reserve(10)
        expect(51)
        self.assertEqual(len(subscriber.try_get_many(20)), 20)
        message = subscriber.borrow()
        expect(30)
        message.give_back()
        room.abort()

    def test_C066_EndpointsCount(self):
        publisher, subscriber = self.pair()
        self.assertEqual(subscriber.counters().messages, 0)
        for _ in range(3):
            self.assertIsNone(subscriber.try_get())
        self.assertRaises(interprocess.Timeout, subscriber.get, timeout=0.001)
        counters = subscriber.counters()
        self.assertEqual((counters.full_or_empty, counters.waits), (1, 1))
        self.assertTrue(publisher.try_put(text(self.largest())))
        self.assertFalse(publisher.try_put(text(49)))
        self.assertRaises(interprocess.Timeout, publisher.put, text(49), timeout=0.001)
        self.assertIsNotNone(subscriber.try_get())
        self.assertTrue(publisher.try_put(text(49)))
        size = self.largest()
        self.assertEqual(publisher.counters(), (2, size + 49, 1, 1, 0))
        self.assertEqual(subscriber.counters(), (1, size, 1, 1, 0))


class LostName:
    def path(self):
        """Of the queue's file; a format may have a small one beside it."""
        files = (os.path.join(f, name) for f, _, names in os.walk(self.directory) for name in names)
        return max(files, key=os.path.getsize)

    def expect_lost(self, call, path):
        with self.assertRaises(interprocess.NotUsable) as caught:
            call()
        self.assertIn("RemoveIPC", str(caught.exception))
        self.assertIn(path, str(caught.exception))

    def until_lost(self, publisher, subscriber):
        """Until both have noticed."""

        def reserve():
            try:
                publisher.reserve(1, timeout=0).abort()
            except interprocess.Timeout:
                pass  # full of what was aborted

        for call in (reserve, subscriber.try_get):
            end = time.monotonic() + PATIENCE
            with self.assertRaises(interprocess.NotUsable):
                while time.monotonic() < end:
                    call()

    def test_C055_LostNameEndsCalls(self):
        publisher, subscriber = self.pair()
        publisher.put(b"x")
        path = self.path()
        os.remove(path)
        self.until_lost(publisher, subscriber)
        for call in (
            lambda: publisher.try_put(b"y"),
            lambda: publisher.put(b"y"),
            lambda: publisher.try_put_many([b"y"]),
            lambda: publisher.put_many([b"y"]),
            lambda: publisher.reserve(1),
            subscriber.try_get,
            subscriber.get,
            lambda: subscriber.try_get_into(bytearray(9)),
            lambda: subscriber.get_into(bytearray(9)),
            lambda: subscriber.try_get_many(1),
            lambda: subscriber.get_many(1),
            subscriber.borrow,
        ):
            self.expect_lost(call, path)

    def test_C056_LostNameEndsWaits(self):
        publisher, subscriber = self.pair()
        other = self.new_directory()
        waiting_to_put = self.publisher(directory=other)
        waiting_to_put.put(text(self.largest()))
        threads = [
            self.in_thread(lambda: waiting_to_put.put(text(self.largest()), timeout=PATIENCE)),
            self.in_thread(lambda: subscriber.get(timeout=PATIENCE)),
        ]
        self.assertTrue(self.begins_to_wait(waiting_to_put))
        self.assertTrue(self.begins_to_wait(subscriber))
        for directory in (self.directory, other):
            shutil.rmtree(directory)
        for thread in threads:
            self.assertRaisesRegex(interprocess.NotUsable, "RemoveIPC", thread.join)
        publisher.close()

    def test_C057_NameThatLeadsElsewhereIsLost(self):
        def replace(path):
            with open(path + "-other", "wb"):
                os.replace(path + "-other", path)

        def link(path):
            os.rename(path, path + "-moved")
            os.symlink(path + "-moved", path)

        def make_anew(path):
            os.remove(path)
            self.publisher().close()

        for lose in (
            lambda path: shutil.rmtree(self.directory),
            lambda path: os.rename(path, path + "-moved"),
            replace,
            lambda path: os.rename(os.path.dirname(path), self.new_directory() + "/moved"),
            link,
            make_anew,
        ):
            self.directory = self.new_directory()
            publisher, subscriber = self.pair()
            lose(self.path())
            self.until_lost(publisher, subscriber)
            publisher.close()
            subscriber.close()

    def test_C058_MessagesInPlaceOutliveTheName(self):
        publisher, subscriber = self.pair()
        publisher.put(b"held")
        room = publisher.reserve(9)
        room.data[:] = b"committed"
        message = subscriber.borrow()
        os.remove(self.path())
        self.until_lost(publisher, subscriber)
        self.assertEqual(message.data, b"held")
        message.acknowledge()
        room.commit()
        subscriber.drain_nameless()
        message = subscriber.borrow()
        self.assertEqual(message.data, b"committed")
        message.give_back()
        self.assertEqual(subscriber.try_get(), b"committed")

    def test_C059_NamelessQueueIsDrainedOnRequest(self):
        publisher, subscriber = self.pair()
        publisher.put_many([b"1", b"2", b"3", b"4"])
        path = self.path()
        os.remove(path)
        subscriber.drain_nameless()
        self.assertEqual(subscriber.try_get(), b"1")
        self.assertEqual(subscriber.get(), b"2")
        self.assertEqual(subscriber.try_get_many(1), [b"3"])
        with subscriber.borrow() as message:
            self.assertEqual(message.data, b"4")
        self.assertIsNone(subscriber.try_get())
        self.expect_lost(subscriber.get, path)
        self.expect_lost(subscriber.borrow, path)
        self.assertIsNone(subscriber.try_get())

    def test_C060_SoundQueueIsNotDrained(self):
        publisher, subscriber = self.pair()
        self.assertRaisesRegex(
            interprocess.NotUsable, "has not lost its name", subscriber.drain_nameless
        )
        publisher.put(b"x")
        self.assertEqual(subscriber.get(), b"x")

    def test_C061_RemovedQueueGoesOnWithoutItsName(self):
        publisher, subscriber = self.pair()
        interprocess.remove_queue(self.name, self.directory, self.protocol)
        self.assertRaises(interprocess.NotUsable, subscriber.drain_nameless)
        another = self.publisher()
        self.assertRaises(interprocess.NotUsable, subscriber.drain_nameless)
        publisher.put(b"x")
        self.assertEqual(subscriber.get(), b"x")
        another.close()


for _case in (Waiting, Life, Counting, LostName):
    globals().update(for_all_protocols(_case))
