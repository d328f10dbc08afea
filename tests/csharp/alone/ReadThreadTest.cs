// SPDX-License-Identifier: MIT

using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Interprocess;
using Xunit;

/// <summary>The thread that serves asynchronous reads lives as long as reads wait.</summary>
public sealed class ReadThreadTest : PairTest
{
    private static int Threads => Proc.Threads("Interprocess reads");

    [Fact]
    public async Task ThreadEndsWhenNoReadWaits()
    {
        await Exchange();
        Waiting.Until(() => Threads == 0, "the thread has ended though the subscriber is open");
    }

    [Fact]
    public async Task ThreadStartsAgain()
    {
        for (int i = 0; i < 2; ++i)
        {
            await Exchange();
            Waiting.Until(() => Threads == 0, "the thread has ended");
        }

        Task<ReadOnlyMemory<byte>> read = Subscriber.DequeueAsync(Stop).AsTask();
        Assert.Equal(1, Threads);
        Publisher.TryEnqueue([1]);
        await read;
    }

    [Fact]
    public void ThreadStaysWhileAReadWaits()
    {
        Task<ReadOnlyMemory<byte>> read = Subscriber.DequeueAsync(Stop).AsTask();
        QueueOptions other = Scratch.NewQueue();
        for (int i = 0; i < 20; ++i)
        {
            using var subscriber = new Subscriber(other);
            Task ended = subscriber.DequeueAsync(Stop).AsTask();
            subscriber.Dispose();
            Assert.Equal(1, Threads);
        }

        Publisher.TryEnqueue([1]);
        Assert.Equal([1], read.Result.ToArray());
    }

    [Fact]
    public void CancelledReadsKeepNoThread()
    {
        using var stop = new CancellationTokenSource();
        Task[] reads = Enumerable.Range(0, 100).Select(_ => (Task)Subscriber.DequeueAsync(stop.Token).AsTask()).ToArray();
        stop.Cancel();
        Assert.Throws<AggregateException>(() => Task.WaitAll(reads, Stop));
        Waiting.Until(() => Threads == 0, "the thread has ended");
    }

    [Fact]
    public async Task SubscribersComeAndGoWhileOthersRead()
    {
        // Threads end and start all the time: no read is forgotten between two of them.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 300; ++i)
            {
                QueueOptions options = NewQueue();
                using var publisher = new Publisher(options);
                using var subscriber = new Subscriber(options);
                ValueTask<ReadOnlyMemory<byte>> read = subscriber.DequeueAsync(Stop);
                publisher.TryEnqueue([1]);
                await read;
            }
        })));
        Waiting.Until(() => Threads == 0, "the threads have ended");

        QueueOptions NewQueue()
        {
            lock (Scratch)
            {
                return Scratch.NewQueue(4096);
            }
        }
    }

    [Fact]
    public async Task ReadWithATokenWhoseSourceIsGoneTakesNoMessageWithIt()
    {
        CancellationToken orphan;
        using (var source = new CancellationTokenSource())
        {
            orphan = source.Token;
        }

        Task<ReadOnlyMemory<byte>> read = Subscriber.DequeueAsync(orphan).AsTask();
        Publisher.TryEnqueue([1]);
        ReadOnlyMemory<byte> message;
        try
        {
            message = await read;
        }
        catch (ObjectDisposedException)
        {
            message = await Subscriber.DequeueAsync(Stop);
        }

        Assert.Equal([1], message.ToArray());
    }

    private async Task Exchange()
    {
        Task<ReadOnlyMemory<byte>> read = Subscriber.DequeueAsync(Stop).AsTask();
        Publisher.TryEnqueue([1]);
        await read;
    }
}
