// SPDX-License-Identifier: MIT

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Interprocess;
using Xunit;

/// <summary>Each call that takes a message tells its position.</summary>
public sealed class PositionTest : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Scratch scratch = new();
    private readonly Publisher publisher;
    private readonly Subscriber subscriber;

    public PositionTest()
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
    public void EveryCallTellsIt()
    {
        for (int i = 0; i < 8; ++i)
        {
            Assert.True(publisher.TryEnqueue([7]));
        }

        byte[] buffer = new byte[8];
        var positions = new List<ulong>();
        _ = subscriber.TryDequeueInto(buffer, out MessageInfo info);
        positions.Add(info.Position);
        _ = subscriber.DequeueInto(buffer, Minute, Stop, out info);
        positions.Add(info.Position);
        Assert.True(subscriber.TryBorrow(out BorrowedMessage first));
        positions.Add(first.Info.Position);
        first.Acknowledge();
        using (DetachedMessage second = Borrow())
        {
            positions.Add(second.Info.Position);
            second.Acknowledge();
        }

        Assert.Equal(2, subscriber.TryDequeueBatch(2, (_, one) => positions.Add(one.Position)));
        Assert.Equal(2, subscriber.DequeueBatch(9, (_, one) => positions.Add(one.Position), Minute, Stop));
        Assert.Equal(Enumerable.Range(0, 8).Select(i => (ulong)i), positions);
    }

    [Fact]
    public void MessageThatComesAgainHasItsOwn()
    {
        Assert.True(publisher.TryEnqueue([0]));
        Assert.True(publisher.TryEnqueue([1]));
        Borrow().Dispose();
        for (int i = 0; i < 2; ++i)
        {
            using DetachedMessage message = Borrow();
            Assert.Equal(message.Bytes[0], message.Info.Position);
            message.Acknowledge();
        }
    }

    private DetachedMessage Borrow()
    {
        using BorrowedMessage message = subscriber.Borrow(Stop);
        return message.Detach();
    }
}
