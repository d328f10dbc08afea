// SPDX-License-Identifier: MIT

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Interprocess;
using Xunit;

public sealed class Exchange : ConformanceTest
{
    private readonly Publisher publisher;
    private readonly Subscriber subscriber;

    public Exchange()
    {
        publisher = OpenPublisher();
        subscriber = OpenSubscriber();
    }

    [Fact]
    public void C001_EnqueuedMessageIsDequeued()
    {
        Assert.True(publisher.TryEnqueue(Text(100)));
        Assert.Equal(Text(100), Take(subscriber));
        Assert.True(publisher.TryEnqueue(Text(100)));
        byte[] buffer = new byte[120];
        Assert.Equal(DequeueStatus.Dequeued, subscriber.TryDequeueInto(buffer, out MessageInfo info));
        Assert.Equal(Text(100), buffer[..100]);
        Assert.Equal(100, info.Size);
        Assert.Equal(0, info.EarlierDeliveries);
        Assert.False(info.Redelivered);
    }

    [Fact]
    public void C002_EmptyQueueIsUnavailable()
    {
        Assert.Null(Take(subscriber));
        Assert.Equal(DequeueStatus.Empty, subscriber.TryDequeueInto(new byte[1], out _));
        Assert.False(subscriber.TryBorrow(out _));
    }

    [Fact]
    public void C003_MessagesOfAPublisherKeepTheirOrder()
    {
        for (int i = 0; i < 20; ++i)
        {
            Assert.True(publisher.TryEnqueue(Text(i, i)));
        }

        for (int i = 0; i < 20; ++i)
        {
            Assert.Equal(Text(i, i), Take(subscriber));
        }
    }

    [Fact]
    public void C004_ZeroLengthIsAMessage()
    {
        Assert.True(publisher.TryEnqueue(default));
        Assert.Equal(DequeueStatus.Dequeued, subscriber.TryDequeueInto(default, out MessageInfo info));
        Assert.Equal(0, info.Size);
        Assert.True(publisher.TryEnqueue(default));
        Assert.Empty(Take(subscriber)!);
        Assert.Null(Take(subscriber));
    }

    [Fact]
    public void C005_EverySizeArrivesWhole()
    {
        foreach (int size in (int[])[0, 1, 7, 8, 9, 47, 48, 49, 63, 64, 65, Largest - 1, Largest])
        {
            for (int i = 0; i < 10; ++i)
            {
                Assert.True(publisher.TryEnqueue(Text(size, i)));
                Assert.Equal(Text(size, i), Take(subscriber));
            }
        }
    }

    [Fact]
    public void C006_MessageOfWholeCapacityFits()
    {
        for (int i = 0; i < 10; ++i)
        {
            Assert.True(publisher.TryEnqueue(Text(Largest, i)));
            Assert.False(publisher.TryEnqueue(Text(49)));
            Assert.Equal(Text(Largest, i), Take(subscriber));
        }
    }

    [Fact]
    public void C007_FullQueueIsResourceExhausted()
    {
        int count = 0;
        while (publisher.TryEnqueue(Text(64, count)))
        {
            ++count;
        }

        Assert.InRange(count, 1, Capacity / 64);
        Assert.False(publisher.TryReserve(64, out _));
        Assert.Equal(0, publisher.TryEnqueueBatch([Text(64)]));
        Assert.Equal(Text(64, 0), Take(subscriber));
        Assert.True(publisher.TryEnqueue(Text(64, count)));
        for (int i = 1; i <= count; ++i)
        {
            Assert.Equal(Text(64, i), Take(subscriber));
        }
    }

    [Fact]
    public void C008_TooLargeMessageIsInvalidArgument()
    {
        Assert.Equal(Largest, publisher.MaxMessageSize);
        foreach (Action enqueue in new Action[]
        {
            () => publisher.TryEnqueue(Text(Capacity + 1)),
            () => publisher.Enqueue(Text(Capacity + 1), Stop),
        })
        {
            Assert.Equal("message", Assert.Throws<ArgumentException>(enqueue).ParamName);
        }

        Assert.Equal(
            "size",
            Assert.Throws<ArgumentOutOfRangeException>(() => publisher.Reserve(Capacity + 1, Stop)).ParamName);
        Assert.Null(Take(subscriber));
    }

    [Fact]
    public void C009_SmallBufferIsOutOfRange()
    {
        Assert.True(publisher.TryEnqueue(Text(100)));
        byte[] small = new byte[99];
        Assert.Equal(DequeueStatus.BufferTooSmall, subscriber.TryDequeueInto(small, out MessageInfo info));
        Assert.Equal(100, info.Size);
        Assert.Equal(
            DequeueStatus.BufferTooSmall,
            subscriber.DequeueInto(small, TimeSpan.FromMinutes(1), Stop, out info));
        Assert.Equal(100, info.Size);
        Assert.Equal(Text(100), Take(subscriber));
    }

    [Fact]
    public void C010_MessageHasAnyBytes()
    {
        byte[] all = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        Assert.True(publisher.TryEnqueue(all));
        Assert.Equal(all, Take(subscriber));
    }

    [Fact]
    public void C011_BatchGoesInAsFarAsThereIsRoom()
    {
        ReadOnlyMemory<byte>[] batch = Enumerable.Range(0, 200)
            .Select(i => new ReadOnlyMemory<byte>(Text(64, i))).ToArray();
        int count = publisher.TryEnqueueBatch(batch);
        Assert.InRange(count, 1, Capacity / 64);
        Assert.Equal(0, publisher.TryEnqueueBatch(batch));
        for (int i = 0; i < count; ++i)
        {
            Assert.Equal(Text(64, i), Take(subscriber));
        }

        Assert.Null(Take(subscriber));
    }

    [Fact]
    public void C012_BatchWithATooLargeMessagePutsNone()
    {
        Assert.Equal(
            "messages",
            Assert.Throws<ArgumentException>(
                () => publisher.TryEnqueueBatch([Text(1), Text(Capacity + 1)])).ParamName);
        Assert.Null(Take(subscriber));
    }

    [Fact]
    public void C013_EmptyBatchIsZero()
    {
        Assert.Equal(0, publisher.TryEnqueueBatch([]));
        Assert.True(publisher.TryEnqueue(Text(1)));
        Assert.Equal(0, subscriber.TryDequeueBatch(0, (_, _) => Assert.Fail("called")));
        Assert.Equal(Text(1), Take(subscriber));
    }

    [Fact]
    public void C014_BatchIsTakenInOrder()
    {
        for (int i = 0; i < 50; ++i)
        {
            Assert.True(publisher.TryEnqueue(Text(i % 30, i)));
        }

        int next = 0;
        Assert.Equal(
            50,
            subscriber.TryDequeueBatch(
                100,
                (message, info) =>
                {
                    Assert.Equal(Text(next % 30, next), message.ToArray());
                    Assert.Equal(message.Length, info.Size);
                    ++next;
                }));
        Assert.Null(Take(subscriber));
    }

    [Fact]
    public void C015_BatchTakesAtMostMax()
    {
        for (int i = 0; i < 5; ++i)
        {
            Assert.True(publisher.TryEnqueue(Text(10, i)));
        }

        Assert.Equal(3, subscriber.TryDequeueBatch(3, (_, _) => { }));
        Assert.Equal(Text(10, 3), Take(subscriber));
    }

    [Fact]
    public void C016_BatchOfAnEmptyQueueIsUnavailable() =>
        Assert.Equal(0, subscriber.TryDequeueBatch(3, (_, _) => Assert.Fail("called")));

    [Fact]
    public void C017_CompetingSubscribersTakeEachMessageOnce()
    {
        const int Messages = 3000;
        var seen = new ConcurrentBag<int>();
        var threads = new List<Thread>();
        for (int i = 0; i < 3; ++i)
        {
            threads.Add(new Thread(() =>
            {
                using Subscriber own = OpenSubscriber();
                byte[] buffer = new byte[4];
                while (seen.Count < Messages)
                {
                    if (own.DequeueInto(buffer, TimeSpan.FromMilliseconds(5), Stop, out _) == DequeueStatus.Dequeued)
                    {
                        seen.Add(BitConverter.ToInt32(buffer));
                    }
                }
            }));
            threads[i].Start();
        }

        for (int i = 0; i < Messages; ++i)
        {
            publisher.Enqueue(BitConverter.GetBytes(i), Stop);
        }

        threads.ForEach(thread => thread.Join());
        Assert.Equal(Enumerable.Range(0, Messages), seen.Order());
    }

    [Fact]
    public void C018_SeveralPublishersEachKeepTheirOrder()
    {
        const int Each = 1000;
        Thread[] threads = Enumerable.Range(0, 3).Select(id => new Thread(() =>
        {
            using Publisher own = OpenPublisher();
            for (int i = 0; i < Each; ++i)
            {
                own.Enqueue([(byte)id, .. BitConverter.GetBytes(i)], Stop);
            }
        })).ToArray();
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        int[] next = new int[threads.Length];
        for (int i = 0; i < Each * threads.Length; ++i)
        {
            ReadOnlySpan<byte> message = subscriber.Dequeue(Stop).Span;
            Assert.Equal(next[message[0]]++, BitConverter.ToInt32(message.Slice(1)));
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Assert.Null(Take(subscriber));
    }

    [Fact]
    public void C019_RingGoesRoundManyTimes()
    {
        for (int i = 0; i < 3000; ++i)
        {
            Assert.True(publisher.TryEnqueue(Text(i * 37 % 1000, i)));
            Assert.True(publisher.TryEnqueue(Text(i * 11 % 1000, i)));
            Assert.Equal(Text(i * 37 % 1000, i), Take(subscriber));
            Assert.Equal(Text(i * 11 % 1000, i), Take(subscriber));
        }
    }

    [Fact]
    public void C020_MessageWaitsForALaterSubscriber()
    {
        subscriber.Dispose();
        Assert.True(publisher.TryEnqueue(Text(100)));
        using Subscriber later = OpenSubscriber();
        Assert.Equal(Text(100), Take(later));
    }

    protected override void CloseEndpoints()
    {
        publisher.Dispose();
        subscriber.Dispose();
    }
}
