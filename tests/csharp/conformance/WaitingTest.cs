// SPDX-License-Identifier: MIT

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using Interprocess;
using Xunit;

public sealed class WaitingCases : ConformanceTest
{
    private readonly QueueOptions emptyQueue;
    private readonly Publisher publisher;
    private readonly Subscriber subscriber;
    private readonly byte[] buffer = new byte[100];

    public WaitingCases()
    {
        emptyQueue = OtherQueue();
        publisher = OpenPublisher();
        subscriber = new Subscriber(emptyQueue);
        Assert.True(publisher.TryEnqueue(Text(Largest)));
    }

    /// <summary>
    /// Every call that waits, on a queue that gives it reason to: full for the publisher, empty for
    /// the subscriber. True if it did what it waits for.
    /// </summary>
    private IEnumerable<(QueueOptions Queue, Func<TimeSpan, CancellationToken, bool> Call)> Calls =>
    [
        (Options, (timeout, stop) => publisher.Enqueue(Text(49), timeout, stop)),
        (Options, (timeout, stop) =>
        {
            bool done = publisher.Reserve(49, timeout, stop, out Reservation reservation);
            reservation.Dispose();
            return done;
        }),
        (Options, (timeout, stop) =>
            publisher.EnqueueBatch([new ReadOnlyMemory<byte>(Text(49))], timeout, stop) == 1),
        (emptyQueue, (timeout, stop) => subscriber.Dequeue(timeout, stop, out _)),
        (emptyQueue, (timeout, stop) =>
            subscriber.DequeueInto(buffer, timeout, stop, out _) == DequeueStatus.Dequeued),
        (emptyQueue, (timeout, stop) =>
        {
            bool done = subscriber.Borrow(timeout, stop, out BorrowedMessage message);
            if (done)
            {
                message.Acknowledge();
            }

            return done;
        }),
        (emptyQueue, (timeout, stop) =>
            subscriber.DequeueBatch(1, (_, _) => { }, timeout, stop) == 1),
    ];

    [Fact]
    public void C036_DequeueWaitsForAMessage()
    {
        foreach (double spin in (double[])[0, 20])
        {
            using var waiting = new Subscriber(WithSpin(emptyQueue, spin));
            var thread = new Background<byte[]>(() => waiting.Dequeue(Stop).ToArray());
            UntilSleeping(emptyQueue, thread);
            using var late = new Publisher(emptyQueue);
            Assert.True(late.TryEnqueue(Text(5)));
            Assert.Equal(Text(5), thread.Result);
        }
    }

    [Fact]
    public void C037_EnqueueWaitsForRoom()
    {
        foreach (double spin in (double[])[0, 20])
        {
            using var waiting = new Publisher(WithSpin(Options, spin));
            var thread = new Background<bool>(
                () => waiting.Enqueue(Text(Largest), Timeout.InfiniteTimeSpan, Stop));
            UntilSleeping(Options, thread);
            using Subscriber late = OpenSubscriber();
            Assert.Equal(Text(Largest), Take(late));
            Assert.True(thread.Result);
        }
    }

    [Fact]
    public void C038_DeadlineEndsAWait()
    {
        foreach ((_, Func<TimeSpan, CancellationToken, bool> call) in Calls)
        {
            long start = Stopwatch.GetTimestamp();
            Assert.False(call(TimeSpan.FromMilliseconds(3), Stop));
            Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(3));
        }

        using Subscriber late = OpenSubscriber();
        Assert.Equal(Text(Largest), Take(late));
        Assert.Null(Take(late));
    }

    [Fact]
    public void C039_PastDeadlineStillTriesOnce()
    {
        foreach ((_, Func<TimeSpan, CancellationToken, bool> call) in Calls)
        {
            Assert.False(call(TimeSpan.Zero, Stop));
        }

        using Subscriber late = OpenSubscriber();
        using var other = new Publisher(emptyQueue);
        Assert.NotNull(Take(late));
        foreach ((_, Func<TimeSpan, CancellationToken, bool> call) in Calls)
        {
            Assert.True(other.TryEnqueue(Text(1)));
            Assert.True(call(TimeSpan.Zero, Stop));
            _ = Take(subscriber);
        }
    }

    [Fact]
    public void C040_StopBeforeTheCallDoesNothing()
    {
        var stopped = new CancellationToken(canceled: true);
        using Subscriber late = OpenSubscriber();
        Assert.NotNull(Take(late));
        using var other = new Publisher(emptyQueue);
        Assert.True(other.TryEnqueue(Text(1)));
        foreach ((_, Func<TimeSpan, CancellationToken, bool> call) in Calls)
        {
            Assert.Throws<OperationCanceledException>(() => call(TimeSpan.FromMinutes(1), stopped));
            Assert.Throws<OperationCanceledException>(() => call(TimeSpan.Zero, stopped));
        }

        Assert.Null(Take(late));
        Assert.Equal(Text(1), Take(subscriber));
    }

    [Fact]
    public void C041_StopEndsAWait()
    {
        foreach ((QueueOptions queue, Func<TimeSpan, CancellationToken, bool> call) in Calls)
        {
            using var source = new CancellationTokenSource();
            var thread = new Background<bool>(() => call(Timeout.InfiniteTimeSpan, source.Token));
            UntilSleeping(queue, thread);
            source.Cancel();
            var thrown = Assert.Throws<OperationCanceledException>(() => thread.Result);
            Assert.Equal(source.Token, thrown.CancellationToken);
        }
    }

    [Fact]
    public void C042_CloseEndsAWait()
    {
        Background<bool>[] threads = Calls
            .Select(each => new Background<bool>(() => each.Call(Timeout.InfiniteTimeSpan, default)))
            .ToArray();
        UntilSleeping(Options, threads);
        UntilSleeping(emptyQueue, threads);
        publisher.Dispose();
        subscriber.Dispose();
        Assert.All(threads, thread => Assert.Throws<ObjectDisposedException>(() => thread.Result));
    }

    [Fact]
    public void C043_ReserveBorrowAndBatchWaitToo()
    {
        using Subscriber late = OpenSubscriber();
        using var other = new Publisher(emptyQueue);
        var reserve = new Background<int>(() =>
        {
            using Reservation reservation = publisher.Reserve(Largest, Stop);
            reservation.Commit(1);
            return reservation.Span.Length;
        });
        UntilSleeping(Options, reserve);
        Assert.NotNull(Take(late));
        Assert.Equal(0, reserve.Result);
        Assert.Single(Take(late)!);
        var borrow = new Background<int>(() =>
        {
            using BorrowedMessage message = subscriber.Borrow(Stop);
            int size = message.Bytes.Length;
            message.Acknowledge();
            return size;
        });
        UntilSleeping(emptyQueue, borrow);
        Assert.True(other.TryEnqueue(Text(7)));
        Assert.Equal(7, borrow.Result);
        int sum = 0;
        var batch = new Background<int>(() => subscriber.DequeueBatch(
            5, (message, _) => sum += message.Length, Timeout.InfiniteTimeSpan, Stop));
        UntilSleeping(emptyQueue, batch);
        Assert.True(other.TryEnqueue(Text(8)));
        Assert.Equal(1, batch.Result);
        Assert.Equal(8, sum);
    }

    protected override void CloseEndpoints()
    {
        publisher.Dispose();
        subscriber.Dispose();
    }

    private QueueOptions WithSpin(QueueOptions options, double microseconds) =>
        NewOptions(Capacity, options.QueueName, spin: TimeSpan.FromMicroseconds(microseconds));
}
