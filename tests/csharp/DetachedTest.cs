// SPDX-License-Identifier: MIT

using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Interprocess;
using Xunit;

/// <summary>Messages in place in other threads than those that got them.</summary>
public sealed class DetachedTest : IDisposable
{
    private readonly Scratch scratch = new();
    private readonly Publisher publisher;
    private readonly Subscriber subscriber;

    public DetachedTest()
    {
        QueueOptions options = scratch.NewQueue();
        publisher = new Publisher(options);
        subscriber = new Subscriber(options);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        publisher.Dispose();
        subscriber.Dispose();
        scratch.Dispose();
    }

    [Fact]
    public async Task PoolCommitsAndAcknowledges()
    {
        const int Count = 2000;
        var received = new ConcurrentBag<int>();
        var tasks = new ConcurrentBag<Task>();
        for (int i = 0; i < Count; ++i)
        {
            int number = i;
            DetachedReservation room = Reserve();
            tasks.Add(Task.Run(
                () =>
                {
                    BitConverter.TryWriteBytes(room.Span, number);
                    room.Commit(4);
                },
                Stop));
            DetachedMessage message = Borrow();
            tasks.Add(Task.Run(
                () =>
                {
                    received.Add(BitConverter.ToInt32(message.Bytes));
                    message.Acknowledge();
                },
                Stop));
        }

        await Task.WhenAll(tasks);
        Assert.Equal(Enumerable.Range(0, Count), received.Order());
        Assert.False(subscriber.TryBorrow(out _));
    }

    [Fact]
    public void DetachedIsNoMoreThatOfTheStack()
    {
        Assert.True(publisher.TryEnqueue([7]));
        DetachedMessage detached;
        using (BorrowedMessage message = subscriber.Borrow(Stop))
        {
            detached = message.Detach();
            Assert.True(message.Bytes.IsEmpty);
        }

        // Not given back by the block's end.
        Assert.Equal(7, detached.Bytes[0]);
        detached.Acknowledge();
        Assert.True(detached.Bytes.IsEmpty);
        Assert.Throws<InvalidOperationException>(detached.Acknowledge);
        detached.Dispose();
        Assert.False(subscriber.TryBorrow(out _));
    }

    [Fact]
    public void DisposedIsGivenBackAndAborted()
    {
        Assert.True(publisher.TryEnqueue([7]));
        Borrow().Dispose();
        using (BorrowedMessage again = subscriber.Borrow(Stop))
        {
            Assert.Equal(1u, (uint)again.Info.EarlierDeliveries);
            again.Acknowledge();
        }

        DetachedReservation room = Reserve();
        room.Dispose();
        Assert.True(room.Span.IsEmpty);
        Assert.Throws<InvalidOperationException>(() => room.Commit(1));
        Assert.False(subscriber.TryBorrow(out _));
    }

    private DetachedReservation Reserve()
    {
        using Reservation reservation = publisher.Reserve(4, Stop);
        return reservation.Detach();
    }

    private DetachedMessage Borrow()
    {
        using BorrowedMessage message = subscriber.Borrow(Stop);
        return message.Detach();
    }
}
