# SPDX-License-Identifier: MIT

"""Exchange and messages in place, of tests/conformance/README.md."""

import ctypes
import threading

import interprocess
from tests.python.queue_test_case import PATIENCE, CAPACITY, for_all_protocols, text


class Exchange:
    def test_C001_EnqueuedMessageIsDequeued(self):
        publisher, subscriber = self.pair()
        self.assertTrue(publisher.try_put(b"hello"))
        self.assertEqual(subscriber.try_get(), b"hello")
        publisher.put(b"world")
        buffer = bytearray(10)
        self.assertEqual(subscriber.try_get_into(buffer), 5)
        self.assertEqual(buffer, b"world\0\0\0\0\0")

    def test_C002_EmptyQueueIsUnavailable(self):
        subscriber = self.subscriber()
        self.assertIsNone(subscriber.try_get())
        self.assertIsNone(subscriber.try_get_into(bytearray(1)))
        self.assertRaises(interprocess.Timeout, subscriber.borrow, timeout=0)

    def test_C003_MessagesOfAPublisherKeepTheirOrder(self):
        publisher, subscriber = self.pair()
        for i in range(50):
            self.assertTrue(publisher.try_put(b"%d" % i))
        for i in range(50):
            self.assertEqual(subscriber.try_get(), b"%d" % i)

    def test_C004_ZeroLengthIsAMessage(self):
        publisher, subscriber = self.pair()
        self.assertTrue(publisher.try_put(b""))
        self.assertTrue(publisher.try_put(memoryview(b"")))
        self.assertEqual(subscriber.try_get(), b"")
        self.assertEqual(subscriber.try_get_into(bytearray()), 0)
        self.assertIsNone(subscriber.try_get())

    def test_C005_EverySizeArrivesWhole(self):
        publisher, subscriber = self.pair()
        sizes = [0, 1, 7, 8, 9, 47, 48, 49, 63, 64, 65, 127, 128, 129, 2048]
        for size in sizes + [self.largest() - 1, self.largest()]:
            self.assertTrue(publisher.try_put(text(size, 3)), size)
            self.assertEqual(subscriber.try_get(), text(size, 3), size)

    def test_C006_MessageOfWholeCapacityFits(self):
        publisher, subscriber = self.pair()
        for i in range(50):
            for size in (self.largest(), 100):
                self.assertTrue(publisher.try_put(text(size, i)))
                self.assertEqual(subscriber.try_get(), text(size, i))

    def test_C007_FullQueueIsResourceExhausted(self):
        publisher, subscriber = self.pair()
        for size in (0, 100, self.largest()):
            count = 0
            while publisher.try_put(text(size, count)):
                count += 1
            self.assertGreater(count, 0)
            self.assertEqual(subscriber.try_get(), text(size, 0))
            self.assertTrue(publisher.try_put(text(size, count)))
            for i in range(1, count + 1):
                self.assertEqual(subscriber.try_get(), text(size, i))

    def test_C008_TooLargeMessageIsInvalidArgument(self):
        publisher = self.publisher()
        large = text(publisher.max_message_size + 1)
        for put in (publisher.try_put, publisher.put):
            self.assertRaises(ValueError, put, large)
        self.assertRaises(ValueError, publisher.reserve, len(large))
        self.assertTrue(publisher.try_put(large[1:]))

    def test_C009_SmallBufferIsOutOfRange(self):
        publisher, subscriber = self.pair()
        for size in (1, 48, 49, self.largest()):
            self.assertTrue(publisher.try_put(text(size)))
            for get in (subscriber.try_get_into, subscriber.get_into) * 2:
                with self.assertRaises(interprocess.BufferTooSmall) as caught:
                    get(bytearray(size - 1))
                self.assertEqual(caught.exception.needed, size)
            buffer = bytearray(size)
            self.assertEqual(subscriber.try_get_into(buffer), size)
            self.assertEqual(buffer, text(size))

    def test_C010_MessageHasAnyBytes(self):
        publisher, subscriber = self.pair()
        self.assertTrue(publisher.try_put(bytes(range(256))))
        self.assertEqual(subscriber.try_get(), bytes(range(256)))

    def test_C011_BatchGoesInAsFarAsThereIsRoom(self):
        publisher, subscriber = self.pair()
        count = publisher.try_put_many([text(1500)] * 5)
        self.assertIn(count, range(1, 5))
        self.assertEqual(publisher.try_put_many([text(1500)] * 5), 0)
        for _ in range(count):
            self.assertEqual(subscriber.try_get(), text(1500))
        self.assertIsNone(subscriber.try_get())

    def test_C012_BatchWithATooLargeMessagePutsNone(self):
        publisher, subscriber = self.pair()
        for put in (publisher.try_put_many, publisher.put_many):
            self.assertRaises(ValueError, put, [b"x", text(CAPACITY + 1)])
        self.assertIsNone(subscriber.try_get())

    def test_C013_EmptyBatchIsZero(self):
        publisher, subscriber = self.pair()
        self.assertEqual(publisher.try_put_many([]), 0)
        self.assertEqual(publisher.put_many(iter(())), 0)
        self.assertTrue(publisher.try_put(b"x"))
        self.assertEqual(subscriber.try_get_many(0), [])
        self.assertEqual(subscriber.get_many(0), [])
        self.assertEqual(subscriber.try_get(), b"x")

    def test_C014_BatchIsTakenInOrder(self):
        publisher, subscriber = self.pair()
        batch = [text(10), b"", text(100)]
        self.assertEqual(publisher.try_put_many(batch), 3)
        self.assertEqual(subscriber.try_get_many(10), batch)

    def test_C015_BatchTakesAtMostMax(self):
        publisher, subscriber = self.pair()
        publisher.try_put_many(b"%d" % i for i in range(5))
        self.assertEqual(subscriber.try_get_many(3), [b"0", b"1", b"2"])
        self.assertEqual(subscriber.try_get(), b"3")

    def test_C016_BatchOfAnEmptyQueueIsUnavailable(self):
        subscriber = self.subscriber()
        self.assertEqual(subscriber.try_get_many(3), [])
        self.assertRaises(interprocess.Timeout, subscriber.get_many, 3, timeout=0)

    def test_C017_CompetingSubscribersTakeEachMessageOnce(self):
        count = 1500
        taken = []
        done = threading.Event()

        def take():
            with interprocess.Subscriber(self.name, **self.options()) as subscriber:
                own = []
                while not done.is_set():
                    try:
                        own.append(int(subscriber.get(timeout=0.01)))
                    except interprocess.Timeout:
                        continue
                    taken.append(own[-1])
                    if len(taken) == count:
                        done.set()
                return own

        publisher = self.publisher()
        threads = [self.in_thread(take) for _ in range(3)]
        for i in range(count):
            publisher.put(b"%d" % i + b" " * (i % 90))
        for own in [thread.join() for thread in threads]:
            self.assertEqual(own, sorted(own))
        self.assertEqual(sorted(taken), list(range(count)))

    def test_C018_SeveralPublishersEachKeepTheirOrder(self):
        count = 500
        subscriber = self.subscriber()

        def put(number):
            with interprocess.Publisher(self.name, **self.options()) as publisher:
                for i in range(count):
                    publisher.put(b"%d:%d" % (number, i) + b" " * ((number + i) % 100))

        threads = [self.in_thread(lambda number=number: put(number)) for number in range(3)]
        expected = [0, 0, 0]
        for _ in range(3 * count):
            number, i = map(int, subscriber.get(timeout=PATIENCE).split(b":"))
            self.assertEqual(i, expected[number])
            expected[number] += 1
        for thread in threads:
            thread.join()

    def test_C019_RingGoesRoundManyTimes(self):
        publisher, subscriber = self.pair()
        before = after = 0

        def message(i):
            return i.to_bytes(4, "little") * (i * 2654435761 % 300)

        while after < 5000:
            while publisher.try_put(message(before)):
                before += 1
            for _ in range(1 + before % (before - after)):
                self.assertEqual(subscriber.try_get(), message(after))
                after += 1

    def test_C020_MessageWaitsForALaterSubscriber(self):
        publisher = self.publisher()
        self.assertTrue(publisher.try_put(b"early"))
        self.assertEqual(self.subscriber().try_get(), b"early")


class InPlace:
    def reserve(self, publisher, data):
        room = publisher.reserve(len(data), timeout=0)
        self.assertEqual(len(room.data), len(data))
        room.data[:] = data
        return room

    def test_C021_ReservedMessageIsInvisibleUntilCommitted(self):
        publisher, subscriber = self.pair()
        for size in (0, 48, 49, self.largest()):
            with self.reserve(publisher, text(size)):
                self.assertIsNone(subscriber.try_get())
            self.assertEqual(subscriber.try_get(), text(size))

    def test_C022_CommitMayBeShorter(self):
        publisher, subscriber = self.pair()
        for size in (0, 1, 48, 49, 64, 199, 200):
            self.reserve(publisher, text(200)).commit(size)
            self.assertEqual(subscriber.try_get(), text(200)[:size])

    def test_C023_CommitLongerIsInvalidArgument(self):
        publisher, subscriber = self.pair()
        room = self.reserve(publisher, b"1234")
        self.assertRaises(ValueError, room.commit, 5)
        self.assertRaises(ValueError, room.commit, -1)
        self.assertEqual(room.data, b"1234")
        room.commit(4)
        self.assertEqual(subscriber.try_get(), b"1234")

    def test_C024_AbortedReservationIsNoMessage(self):
        publisher, subscriber = self.pair()
        room = self.reserve(publisher, text(self.largest()))
        if self.protocol == interprocess.Protocol.NATIVE:
            self.assertFalse(publisher.try_put(text(49)))
        room.abort()
        room.abort()
        self.assertRaises(interprocess.NotUsable, room.commit, 0)
        with self.assertRaises(KeyError):
            with self.reserve(publisher, text(self.largest())):
                raise KeyError
        room = self.reserve(publisher, text(self.largest()))
        del room
        self.assertIsNone(subscriber.try_get())
        self.assertTrue(publisher.try_put(text(self.largest())))

    def test_C025_CommitTwiceIsFailedPrecondition(self):
        publisher, subscriber = self.pair()
        room = self.reserve(publisher, b"once")
        room.commit()
        self.assertRaises(interprocess.NotUsable, room.commit)
        room.abort()
        self.assertEqual(subscriber.try_get(), b"once")
        self.assertIsNone(subscriber.try_get())

    def test_C026_ReservationIsAligned(self):
        publisher = self.publisher()
        for size in range(1, 200, 3):
            room = publisher.reserve(size)
            first = ctypes.c_char.from_buffer(room.data)
            self.assertEqual(ctypes.addressof(first) % (64 if size > 48 else 8), 0, size)
            del first
            room.abort()

    def test_C028_LaterMessagesPassAnOpenReservation(self):
        publisher, subscriber = self.pair()
        room = self.reserve(publisher, b"slow")
        self.assertTrue(publisher.try_put(b"own"))
        self.assertTrue(self.publisher().try_put(b"other"))
        self.assertEqual(subscriber.get(timeout=PATIENCE), b"own")
        self.assertEqual(subscriber.get(timeout=PATIENCE), b"other")
        self.assertIsNone(subscriber.try_get())
        room.commit()
        self.assertEqual(subscriber.try_get(), b"slow")

    def test_C029_BorrowedMessageIsNobodyElses(self):
        publisher, subscriber = self.pair()
        self.assertTrue(publisher.try_put(b"lent"))
        message = subscriber.borrow(timeout=0)
        self.assertEqual(message.data, b"lent")
        self.assertTrue(message.data.readonly)
        info = message.info
        self.assertEqual((info.size, info.earlier_deliveries, info.redelivered), (4, 0, False))
        self.assertIsNone(self.subscriber().try_get())
        self.assertIsNone(subscriber.try_get())

    def test_C030_AcknowledgedMessageIsGone(self):
        publisher, subscriber = self.pair()
        self.assertTrue(publisher.try_put(text(self.largest())))
        with subscriber.borrow(timeout=0) as message:
            self.assertFalse(publisher.try_put(text(49)))
        self.assertRaises(ValueError, bytes, message.data)
        self.assertTrue(publisher.try_put(text(self.largest(), 1)))
        self.assertEqual(subscriber.try_get(), text(self.largest(), 1))

    def test_C031_GivenBackMessageComesAgainCounted(self):
        publisher, subscriber = self.pair()
        self.assertTrue(publisher.try_put(b"again"))
        for deliveries in range(5):
            message = subscriber.borrow(timeout=0)
            self.assertEqual(message.data, b"again")
            self.assertEqual(message.info.earlier_deliveries, deliveries)
            self.assertFalse(message.info.redelivered)
            message.give_back()
            message.give_back()
        with self.subscriber().borrow(timeout=0) as message:
            self.assertEqual(message.info.earlier_deliveries, 5)

    def test_C032_DroppedBorrowIsGivenBack(self):
        publisher, subscriber = self.pair()
        publisher.try_put_many([b"1", b"2"])
        message = subscriber.borrow(timeout=0)
        with self.assertRaises(KeyError):
            with subscriber.borrow(timeout=0) as other:
                self.assertEqual(other.data, b"2")
                raise KeyError
        self.assertEqual(subscriber.try_get(), b"2")
        del message
        self.assertEqual(subscriber.try_get(), b"1")

    def test_C033_SeveralAreBorrowedAndAcknowledgedInAnyOrder(self):
        publisher, subscriber = self.pair()
        borrowed = []
        for i in range(30):
            self.assertTrue(publisher.try_put(text(100, i)))
            borrowed.append(subscriber.borrow(timeout=0))
        for i in (7, 29, 0):
            self.assertEqual(borrowed[i].data, text(100, i))
            borrowed[i].acknowledge()
        borrowed.clear()
        self.assertEqual(len(subscriber.try_get_many(30)), 27)
        self.assertIsNone(subscriber.try_get())

    def test_C034_AcknowledgeTwiceIsFailedPrecondition(self):
        publisher, subscriber = self.pair()
        publisher.try_put_many([b"1", b"2"])
        first = subscriber.borrow(timeout=0)
        first.acknowledge()
        self.assertRaises(interprocess.NotUsable, first.acknowledge)
        first.give_back()
        second = subscriber.borrow(timeout=0)
        second.give_back()
        self.assertRaises(interprocess.NotUsable, second.acknowledge)
        self.assertEqual(subscriber.try_get_many(9), [b"2"])

    def test_C035_BorrowedMessageOutlivesItsSubscriber(self):
        publisher, subscriber = self.pair()
        self.assertTrue(publisher.try_put(text(1000)))
        other = self.subscriber()
        message = other.borrow(timeout=0)
        other.close()
        del other
        self.assertEqual(message.data, text(1000))
        self.assertIsNone(subscriber.try_get())
        message.acknowledge()
        self.assertIsNone(subscriber.try_get())


globals().update(for_all_protocols(Exchange))
globals().update(for_all_protocols(InPlace))
