// SPDX-License-Identifier: MIT

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Interprocess;
using Xunit;

/// <summary>Queues whose file is deleted or moved by something that knows nothing of queues.</summary>
public sealed class LostName : ConformanceTest
{
    [Fact]
    public void C055_LostNameEndsCalls()
    {
        SkipOnWindows();
        using Publisher publisher = OpenPublisher();
        using Subscriber subscriber = OpenSubscriber();
        Delete();
        IsLostSoon(() => publisher.TryEnqueue(Text(1)));
        IsLostSoon(() => Take(subscriber));
        for (int i = 0; i < 2; ++i)
        {
            IsLost(() => publisher.TryEnqueue(Text(1)));
            IsLost(() => publisher.Enqueue(Text(1), TimeSpan.Zero, Stop));
            IsLost(() => publisher.Reserve(1, TimeSpan.Zero, Stop, out _));
            IsLost(() => Take(subscriber));
            IsLost(() => subscriber.Dequeue(Stop));
            IsLost(() => subscriber.TryDequeueInto(new byte[9], out _));
            IsLost(() => subscriber.TryBorrow(out _));
            IsLost(() => subscriber.Borrow(Stop));
            IsLost(() => subscriber.TryDequeueBatch(1, (_, _) => { }));
        }
    }

    [Fact]
    public void C056_LostNameEndsWaits()
    {
        SkipOnWindows();
        using Publisher publisher = OpenPublisher();
        Assert.True(publisher.TryEnqueue(Text(Largest)));
        using var second = new Publisher(Options);
        QueueOptions empty = OtherQueue();
        using var first = new Subscriber(empty);
        using var another = new Subscriber(empty);
        TimeSpan patience = TimeSpan.FromSeconds(60);
        Background<bool>[] threads =
        [
            new(() => publisher.Enqueue(Text(Largest), patience, Stop)),
            new(() => second.Reserve(Largest, patience, Stop, out _)),
            new(() => first.Dequeue(patience, Stop, out _)),
            new(() => another.Borrow(patience, Stop, out _)),
        ];
        Waiting.Until(() => threads.All(thread => thread.Sleeps()), "all sleep in their calls");
        Delete();
        foreach (Background<bool> thread in threads)
        {
            IsLost(() => _ = thread.Result);
        }
    }

    [Fact]
    public async Task AsynchronousReadsLearn()
    {
        SkipOnWindows();
        using Subscriber subscriber = OpenSubscriber();
        Task<ReadOnlyMemory<byte>> read = subscriber.DequeueAsync(Stop).AsTask();
        Task all = Task.Run(
            async () =>
            {
                await foreach (ReadOnlyMemory<byte> message in subscriber.ReadAllAsync(Stop))
                {
                    Assert.Fail($"a message of {message.Length} bytes");
                }
            },
            Stop);
        Delete();
        IsLost(await Assert.ThrowsAsync<QueueException>(() => read));
        IsLost(await Assert.ThrowsAsync<QueueException>(() => all));
        IsLost(await Assert.ThrowsAsync<QueueException>(
            () => subscriber.DequeueAsync(Stop).AsTask()));
    }

    [Fact]
    public async Task AsynchronousReadsDrainANamelessQueue()
    {
        SkipOnWindows();
        using Publisher publisher = OpenPublisher();
        using Subscriber subscriber = OpenSubscriber();
        Assert.True(publisher.TryEnqueue(Text(1)));
        Assert.True(publisher.TryEnqueue(Text(2)));
        Delete();
        subscriber.DrainNameless();
        var drained = new List<int>();
        IsLost(await Assert.ThrowsAsync<QueueException>(async () =>
        {
            await foreach (ReadOnlyMemory<byte> message in subscriber.ReadAllAsync(Stop))
            {
                drained.Add(message.Length);
            }
        }));
        Assert.Equal([1, 2], drained);
    }

    [Fact]
    public void C057_NameThatLeadsElsewhereIsLost()
    {
        SkipOnWindows();
        using Publisher publisher = OpenPublisher();
        using Subscriber subscriber = OpenSubscriber();
        Delete();
        using Publisher another = OpenPublisher();
        IsLostSoon(() => publisher.TryEnqueue(Text(1)));
        IsLostSoon(() => Take(subscriber));
        Assert.True(another.TryEnqueue(Text(1)));
        using Subscriber late = OpenSubscriber();
        Assert.Equal(Text(1), Take(late));
        Directory.Move(Folder, Folder + "-moved");
        IsLostSoon(() => another.TryEnqueue(Text(1)));
        Directory.Move(Folder + "-moved", Folder);
    }

    [Fact]
    public void C058_MessagesInPlaceOutliveTheName()
    {
        SkipOnWindows();
        using Publisher publisher = OpenPublisher();
        using Subscriber subscriber = OpenSubscriber();
        Assert.True(publisher.TryEnqueue(Text(5)));
        Assert.True(publisher.TryReserve(1, out Reservation room));
        Assert.True(subscriber.TryBorrow(out BorrowedMessage held));
        Delete();
        IsLostSoon(() =>
        {
            if (publisher.TryReserve(1, out Reservation other))
            {
                other.Dispose();
            }
        });
        IsLostSoon(() => Take(subscriber));
        Assert.Equal(Text(5), held.Bytes.ToArray());
        held.Acknowledge();
        room.Span[0] = 7;
        room.Commit();
        subscriber.DrainNameless();
        Assert.True(subscriber.TryBorrow(out BorrowedMessage again));
        again.Dispose(); // gives back
        Assert.Equal([7], Take(subscriber));
    }

    [Fact]
    public void C059_NamelessQueueIsDrainedOnRequest()
    {
        SkipOnWindows();
        using Publisher publisher = OpenPublisher();
        using Subscriber subscriber = OpenSubscriber();
        Assert.True(publisher.TryEnqueue(Text(1)));
        Assert.True(publisher.TryEnqueue(Text(2)));
        Assert.True(publisher.TryEnqueue(Text(3)));
        Delete();
        subscriber.DrainNameless();
        Assert.Equal(Text(1), Take(subscriber));
        Assert.Equal(Text(2), subscriber.Dequeue(Stop).ToArray());
        Assert.Equal(1, subscriber.TryDequeueBatch(9, (_, _) => { }));
        Assert.Null(Take(subscriber));
        IsLost(() => subscriber.Dequeue(Stop));
        Assert.Null(Take(subscriber));
    }

    [Fact]
    public void C060_SoundQueueIsNotDrained()
    {
        using Publisher publisher = OpenPublisher();
        using Subscriber subscriber = OpenSubscriber();
        Assert.Equal(QueueError.FailedPrecondition, ErrorOf(subscriber.DrainNameless));
        Assert.True(publisher.TryEnqueue(Text(1)));
        Assert.Equal(Text(1), subscriber.Dequeue(Stop).ToArray());
    }

    private static void SkipOnWindows() =>
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows deletes no file of a queue in use.");

    private void Delete()
    {
        foreach (string file in Directory.GetFiles(Folder, "*", SearchOption.AllDirectories))
        {
            File.Delete(file);
        }
    }

    private void IsLost(Action call) => IsLost(Assert.Throws<QueueException>(call));

    private void IsLost(QueueException lost)
    {
        Assert.Equal(QueueError.FailedPrecondition, lost.Error);
        Assert.Contains(Folder, lost.Message);
        Assert.Contains("RemoveIPC", lost.Message);
    }

    /// <summary>Calls until the call throws.</summary>
    private void IsLostSoon(Action call)
    {
        QueueException? lost = null;
        Waiting.Until(
            () =>
            {
                lost = (QueueException?)Record.Exception(call);
                return lost is not null;
            },
            "the call fails");
        IsLost(lost!);
    }
}
