// SPDX-License-Identifier: MIT

using System;
using System.IO;
using Interprocess;
using Xunit;

public sealed class Life : ConformanceTest
{
    [Fact]
    public void C044_CapacityIsRoundedUp()
    {
        QueueOptions options = NewOptions(10_000);
        using var publisher = new Publisher(options);
        using var subscriber = new Subscriber(options);
        Assert.Equal(10_000, options.Capacity);
        Assert.Equal(16_384, publisher.Capacity);
        Assert.Equal(16_384, publisher.MaxMessageSize);
        Assert.Equal(16_384, subscriber.Capacity);
        Assert.Equal(16_384, subscriber.MaxMessageSize);
        Assert.Equal(16_384, new QueueInspector(options).Report().Capacity);
    }

    [Fact]
    public void C045_OtherOptionsAreFailedPrecondition()
    {
        using Publisher publisher = OpenPublisher();
        var thrown = Assert.Throws<QueueException>(() => new Publisher(NewOptions(16_384)));
        Assert.Equal(QueueError.FailedPrecondition, thrown.Error);
        Assert.Contains("4096", thrown.Message);
        Assert.Contains("16384", thrown.Message);
    }

    [Fact]
    public void C046_OpenExistingNeedsAQueue() => Assert.Equal(
        QueueError.NotFound,
        ErrorOf(() => new Publisher(NewOptions(Capacity, mode: QueueOpenMode.OpenExisting))));

    [Fact]
    public void C047_OpenExistingTakesTheQueuesOptions()
    {
        using Publisher publisher = OpenPublisher();
        using var subscriber = new Subscriber(
            NewOptions(1024 * 1024, mode: QueueOpenMode.OpenExisting));
        Assert.Equal(Capacity, subscriber.Capacity);
    }

    [Fact]
    public void C048_CreateNewNeedsNone()
    {
        QueueOptions create = NewOptions(Capacity, mode: QueueOpenMode.CreateNew);
        using var publisher = new Publisher(create);
        Assert.Equal(QueueError.AlreadyExists, ErrorOf(() => new Publisher(create)));
        Assert.True(publisher.TryEnqueue(Text(1)));
        using Subscriber subscriber = OpenSubscriber();
        Assert.Equal(Text(1), Take(subscriber));
    }

    [Fact]
    public void C049_SameNameInTwoDirectoriesIsTwoQueues()
    {
        string other = Directory.CreateDirectory(Path.Combine(Options.Path, "other")).FullName;
        using Publisher publisher = OpenPublisher();
        using var subscriber = new Subscriber(NewOptions(Capacity, path: other));
        Assert.True(publisher.TryEnqueue(Text(1)));
        Assert.Null(Take(subscriber));
    }

    [Fact]
    public void C050_EmptyQueueGoesWithTheLast()
    {
        Publisher publisher = OpenPublisher();
        Subscriber subscriber = OpenSubscriber();
        publisher.Dispose();
        Assert.True(HasQueue());
        subscriber.Dispose();
        Assert.False(HasQueue());
    }

    [Fact]
    public void C051_UndeliveredMessagesAreKept()
    {
        using (Publisher publisher = OpenPublisher())
        {
            Assert.True(publisher.TryEnqueue(Text(100)));
        }

        Assert.True(HasQueue());
        using Subscriber subscriber = OpenSubscriber();
        Assert.Equal(Text(100), Take(subscriber));
    }

    [Fact]
    public void C052_UndeliveredMessagesGoIfTheLastSaysSo()
    {
        using (var publisher = new Publisher(NewOptions(Capacity, keepUndelivered: false)))
        {
            Assert.True(publisher.TryEnqueue(Text(100)));
        }

        Assert.False(HasQueue());
    }

    [Fact]
    public void C053_CallsAfterCloseAreFailedPrecondition()
    {
        Publisher publisher = OpenPublisher();
        Subscriber subscriber = OpenSubscriber();
        publisher.Dispose();
        publisher.Dispose();
        subscriber.Dispose();
        subscriber.Dispose();
        Action[] calls =
        [
            () => publisher.TryEnqueue(Text(1)),
            () => publisher.Enqueue(Text(1)),
            () => publisher.Enqueue(Text(1), TimeSpan.FromMinutes(1)),
            () => publisher.TryEnqueueBatch([Text(1)]),
            () => publisher.TryReserve(1, out _),
            () => publisher.Reserve(1),
            () => subscriber.TryDequeue(default, out _),
            () => subscriber.TryDequeueInto(new byte[1], out _),
            () => subscriber.Dequeue(default),
            () => subscriber.Dequeue(TimeSpan.FromMinutes(1), default, out _),
            () => subscriber.TryDequeueBatch(1, (_, _) => { }),
            () => subscriber.TryBorrow(out _),
            () => subscriber.Borrow(),
        ];
        Assert.All(calls, call => Assert.Throws<ObjectDisposedException>(call));
    }

    [Fact]
    public void C062_SecondPublisherIsRefusedNamingTheFirst()
    {
        QueueOptions options = NewOptions(Capacity, onePublisher: true);
        using var subscriber = new Subscriber(options);
        using var other = new Subscriber(options);
        var first = new Publisher(options);
        AssertNamesTheFirst("publisher", () => new Publisher(options));
        first.Dispose();
        new Publisher(options).Dispose();
    }

    [Fact]
    public void C063_SecondSubscriberIsRefusedNamingTheFirst()
    {
        QueueOptions options = NewOptions(Capacity, oneSubscriber: true);
        using var publisher = new Publisher(options);
        using var other = new Publisher(options);
        var first = new Subscriber(options);
        AssertNamesTheFirst("subscriber", () => new Subscriber(options));
        first.Dispose();
        new Subscriber(options).Dispose();
    }

    [Fact]
    public void C064_MakerDecidesWhoIsAlone()
    {
        QueueOptions options = NewOptions(Capacity, onePublisher: true, oneSubscriber: true);
        using var publisher = new Publisher(options);
        var refused = Assert.Throws<QueueException>(() => new Subscriber(Options));
        Assert.Equal(QueueError.FailedPrecondition, refused.Error);
        Assert.Contains("one_publisher", refused.Message);
        QueueOptions existing = NewOptions(Capacity, mode: QueueOpenMode.OpenExisting);
        using var subscriber = new Subscriber(existing);
        Assert.Equal(QueueError.FailedPrecondition, ErrorOf(() => new Subscriber(existing)));
        Assert.True(publisher.TryEnqueue(Text(1)));
        Assert.Equal(Text(1), Take(subscriber));
        using var inspector = new QueueInspector(options);
        Assert.True(inspector.Report().OnePublisher);
        Assert.True(inspector.Report().OneSubscriber);
    }

    [Fact]
    public void C065_DepthCountsWhatWaits()
    {
        using Publisher publisher = OpenPublisher();
        using Subscriber subscriber = OpenSubscriber();
        using var inspector = new QueueInspector(Options);
        void AssertDepth(long depth)
        {
            Assert.Equal(depth, publisher.ApproximateDepth());
            Assert.Equal(depth, subscriber.ApproximateDepth());
            Assert.Equal(depth, inspector.ApproximateDepth());
        }

        AssertDepth(0);
        for (int i = 0; i < 50; ++i)
        {
            Assert.True(publisher.TryEnqueue(Text(1)));
        }

        AssertDepth(50);
        Assert.True(publisher.TryReserve(10, out Reservation reservation));
        AssertDepth(51);
        for (int i = 0; i < 20; ++i)
        {
            Assert.NotNull(Take(subscriber));
        }

        Assert.True(subscriber.TryBorrow(out BorrowedMessage borrowed));
        AssertDepth(30);
        borrowed.Dispose();
        reservation.Dispose();
    }

    [Fact]
    public void C066_EndpointsCount()
    {
        using Publisher publisher = OpenPublisher();
        using Subscriber subscriber = OpenSubscriber();
        Assert.Equal(0, subscriber.Counters().Messages);
        for (int i = 0; i < 3; ++i)
        {
            Assert.Null(Take(subscriber));
        }

        TimeSpan soon = TimeSpan.FromMilliseconds(1);
        Assert.False(subscriber.Dequeue(soon, Stop, out _));
        Assert.Equal(1, subscriber.Counters().FullOrEmpty);
        Assert.Equal(1, subscriber.Counters().Waits);
        Assert.True(publisher.TryEnqueue(Text(Largest)));
        Assert.False(publisher.TryEnqueue(Text(49)));
        Assert.False(publisher.Enqueue(Text(49), soon, Stop));
        Assert.NotNull(Take(subscriber));
        Assert.True(publisher.TryEnqueue(Text(49)));
        EndpointCounters published = publisher.Counters();
        Assert.Equal(2, published.Messages);
        Assert.Equal(Largest + 49, published.Bytes);
        Assert.Equal(1, published.FullOrEmpty);
        Assert.Equal(1, published.Waits);
        Assert.Equal(1, subscriber.Counters().Messages);
        Assert.Equal(Largest, subscriber.Counters().Bytes);
    }

    private static void AssertNamesTheFirst(string kind, Action open)
    {
        var refused = Assert.Throws<QueueException>(open);
        Assert.Equal(QueueError.FailedPrecondition, refused.Error);
        Assert.Contains($"one {kind} at a time", refused.Message);
        Assert.Contains($"process {Environment.ProcessId}", refused.Message);
    }
}
