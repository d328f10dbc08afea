// SPDX-License-Identifier: MIT

using System;
using Interprocess;
using Xunit;

public sealed class InPlace : ConformanceTest
{
    private readonly Publisher publisher;
    private readonly Subscriber subscriber;

    public InPlace()
    {
        publisher = OpenPublisher();
        subscriber = OpenSubscriber();
    }

    [Fact]
    public void C021_ReservedMessageIsInvisibleUntilCommitted()
    {
        foreach (int size in (int[])[0, 48, 49, Largest])
        {
            using Reservation reservation = Reserve(Text(size));
            Assert.Null(Take(subscriber));
            reservation.Commit();
            Assert.True(reservation.Span.IsEmpty);
            Assert.Equal(Text(size), Take(subscriber));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(49)]
    [InlineData(199)]
    [InlineData(200)]
    public void C022_CommitMayBeShorter(int size)
    {
        using Reservation reservation = Reserve(Text(200));
        reservation.Commit(size);
        Assert.Equal(Text(200)[..size], Take(subscriber));
    }

    [Fact]
    public void C023_CommitLongerIsInvalidArgument()
    {
        using Reservation reservation = Reserve(Text(4));
        foreach (int size in (int[])[5, int.MaxValue, -1])
        {
            bool thrown = false;
            try
            {
                reservation.Commit(size);
            }
            catch (ArgumentOutOfRangeException e)
            {
                thrown = e.ParamName == "size";
            }

            Assert.True(thrown);
            Assert.Equal(4, reservation.Span.Length);
        }

        reservation.Commit(4);
        Assert.Equal(Text(4), Take(subscriber));
    }

    [Fact]
    public void C024_AbortedReservationIsNoMessage()
    {
        Reservation reservation = Reserve(Text(Largest));
        if (IsNative)
        {
            // Elsewhere a reservation holds no room.
            Assert.False(publisher.TryEnqueue(Text(49)));
        }

        reservation.Abort();
        Assert.True(reservation.Span.IsEmpty);
        reservation.Abort();
        AssertDone(ref reservation);
        using (Reserve(Text(Largest)))
        {
        }

        Assert.Null(Take(subscriber));
        Assert.True(publisher.TryEnqueue(Text(Largest)));
    }

    [Fact]
    public void C025_CommitTwiceIsFailedPrecondition()
    {
        Reservation reservation = Reserve(Text(4));
        reservation.Commit();
        AssertDone(ref reservation);
        reservation.Abort();
        Assert.Equal(Text(4), Take(subscriber));
        Assert.Null(Take(subscriber));

        Reservation none = default;
        AssertDone(ref none);
        none.Dispose();
    }

    [Fact]
    public unsafe void C026_ReservationIsAligned()
    {
        for (int size = 1; size < 200; size += 3)
        {
            using Reservation reservation = Reserve(Text(size));
            fixed (byte* bytes = reservation.Span)
            {
                Assert.Equal(0u, (nuint)bytes % (size > 48 ? 64u : 8u));
            }
        }
    }

    [Fact]
    public void C028_LaterMessagesPassAnOpenReservation()
    {
        using Reservation reservation = Reserve(Text(10, 1));
        Assert.True(publisher.TryEnqueue(Text(10, 2)));
        Assert.Equal(Text(10, 2), subscriber.Dequeue(Stop).ToArray());
        Assert.Null(Take(subscriber));
        reservation.Commit();
        Assert.Equal(Text(10, 1), subscriber.Dequeue(Stop).ToArray());
    }

    [Fact]
    public void C029_BorrowedMessageIsNobodyElses()
    {
        Assert.True(publisher.TryEnqueue(Text(10, 1)));
        using Subscriber other = OpenSubscriber();
        using BorrowedMessage message = Borrow();
        Assert.Equal(Text(10, 1), message.Bytes.ToArray());
        if (IsNative)
        {
            // Elsewhere one borrowed message holds up what follows it.
            Assert.True(publisher.TryEnqueue(Text(10, 2)));
            Assert.Equal(Text(10, 2), Take(other));
        }

        Assert.Null(Take(other));
        Assert.Null(Take(subscriber));
        message.Acknowledge();
    }

    [Fact]
    public void C030_AcknowledgedMessageIsGone()
    {
        publisher.TryEnqueue(Text(Largest));
        using BorrowedMessage message = Borrow();
        Assert.False(publisher.TryEnqueue(Text(49)));
        message.Acknowledge();
        Assert.True(message.Bytes.IsEmpty);
        Assert.Null(Take(subscriber));
        Assert.True(publisher.TryEnqueue(Text(Largest)));
    }

    [Fact]
    public void C031_GivenBackMessageComesAgainCounted()
    {
        publisher.TryEnqueue(Text(10));
        for (int i = 0; i < 3; ++i)
        {
            using BorrowedMessage message = Borrow();
            Assert.Equal(Text(10), message.Bytes.ToArray());
            Assert.Equal(i, message.Info.EarlierDeliveries);
            Assert.False(message.Redelivered);
            message.GiveBack();
            Assert.True(message.Bytes.IsEmpty);
        }

        Assert.Equal(DequeueStatus.Dequeued, subscriber.TryDequeueInto(new byte[10], out MessageInfo info));
        Assert.Equal(3, info.EarlierDeliveries);
        Assert.False(info.Redelivered);
    }

    [Fact]
    public void C032_DroppedBorrowIsGivenBack()
    {
        publisher.TryEnqueue(Text(10));
        using (Borrow())
        {
            Assert.Null(Take(subscriber));
        }

        Assert.Equal(Text(10), Take(subscriber));
    }

    [Fact]
    public void C033_SeveralAreBorrowedAndAcknowledgedInAnyOrder()
    {
        for (int i = 0; i < 3; ++i)
        {
            publisher.TryEnqueue(Text(10, i));
        }

        using BorrowedMessage first = Borrow();
        using BorrowedMessage second = Borrow();
        using BorrowedMessage third = Borrow();
        third.Acknowledge();
        first.Acknowledge();
        Assert.Equal(Text(10, 1), second.Bytes.ToArray());
        second.Acknowledge();
        Assert.Null(Take(subscriber));
    }

    [Fact]
    public void C034_AcknowledgeTwiceIsFailedPrecondition()
    {
        publisher.TryEnqueue(Text(10, 1));
        publisher.TryEnqueue(Text(10, 2));
        BorrowedMessage message = Borrow();
        message.Acknowledge();
        AssertDone(ref message);
        message = Borrow();
        message.GiveBack();
        AssertDone(ref message);
        BorrowedMessage none = default;
        AssertDone(ref none);
        none.Dispose();
        Assert.Equal(Text(10, 2), Take(subscriber));
    }

    [Fact]
    public void C035_BorrowedMessageOutlivesItsSubscriber()
    {
        publisher.TryEnqueue(Text(10));
        using BorrowedMessage message = Borrow();
        subscriber.Dispose();
        Assert.Equal(Text(10), message.Bytes.ToArray());
        message.Acknowledge();
        using Subscriber other = OpenSubscriber();
        Assert.Null(Take(other));
    }

    protected override void CloseEndpoints()
    {
        publisher.Dispose();
        subscriber.Dispose();
    }

    private static void AssertDone(ref Reservation reservation)
    {
        bool thrown = false;
        try
        {
            reservation.Commit();
        }
        catch (InvalidOperationException)
        {
            thrown = true;
        }

        Assert.True(thrown);
    }

    private static void AssertDone(ref BorrowedMessage message)
    {
        bool thrown = false;
        try
        {
            message.Acknowledge();
        }
        catch (InvalidOperationException)
        {
            thrown = true;
        }

        Assert.True(thrown);
    }

    private Reservation Reserve(byte[] text)
    {
        Assert.True(publisher.TryReserve(text.Length, out Reservation reservation));
        Assert.Equal(text.Length, reservation.Span.Length);
        text.CopyTo(reservation.Span);
        return reservation;
    }

    private BorrowedMessage Borrow()
    {
        Assert.True(subscriber.TryBorrow(out BorrowedMessage message));
        return message;
    }
}
