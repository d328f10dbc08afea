using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using Interprocess;
using Xunit;

public sealed class AsyncTest : IDisposable
{
    private readonly Scratch scratch = new();
    private readonly QueueOptions options;
    private readonly Publisher publisher;
    private readonly Subscriber subscriber;

    public AsyncTest()
    {
        options = scratch.NewQueue();
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
    public async Task MessageThatIsThereNeedsNoWait()
    {
        publisher.TryEnqueue([1]);
        ValueTask<ReadOnlyMemory<byte>> read = subscriber.DequeueAsync(Stop);
        Assert.True(read.IsCompletedSuccessfully);
        Assert.Equal([1], (await read).ToArray());
    }

    [Fact]
    public async Task WaitsGetTheirMessagesInOrder()
    {
        Task<ReadOnlyMemory<byte>>[] reads = Enumerable.Range(0, 10)
            .Select(_ => subscriber.DequeueAsync(Stop).AsTask()).ToArray();
        Assert.All(reads, read => Assert.False(read.IsCompleted));
        for (byte i = 0; i < 10; ++i)
        {
            publisher.TryEnqueue([i]);
        }

        for (byte i = 0; i < 10; ++i)
        {
            Assert.Equal([i], (await reads[i]).ToArray());
        }
    }

    [Fact]
    public async Task ManyQueuesShareOneThread()
    {
        QueueOptions[] queues = Enumerable.Range(0, 200).Select(_ => scratch.NewQueue(4096)).ToArray();
        Subscriber[] subscribers = queues.Select(queue => new Subscriber(queue)).ToArray();
        try
        {
            Task<ReadOnlyMemory<byte>>[] reads =
                subscribers.Select(one => one.DequeueAsync(Stop).AsTask()).ToArray();
            for (int i = queues.Length - 1; i >= 0; --i)
            {
                using var one = new Publisher(queues[i]);
                one.TryEnqueue(BitConverter.GetBytes(i));
                Assert.Equal(i, BitConverter.ToInt32((await reads[i]).Span));
            }
        }
        finally
        {
            Array.ForEach(subscribers, one => one.Dispose());
        }
    }

    [Fact]
    public async Task TokenEndsAWaitAndTakesNothing()
    {
        using var source = new CancellationTokenSource();
        Task<ReadOnlyMemory<byte>> first = subscriber.DequeueAsync(source.Token).AsTask();
        Task<ReadOnlyMemory<byte>> second = subscriber.DequeueAsync(Stop).AsTask();
        source.Cancel();
        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(source.Token, thrown.CancellationToken);
        publisher.TryEnqueue([7]);
        Assert.Equal([7], (await second).ToArray());
        publisher.TryEnqueue([8]);
        Assert.True(subscriber.DequeueAsync(source.Token).IsCanceled);
        Assert.True(subscriber.TryDequeue(default, out _));
    }

    [Fact]
    public async Task DisposalEndsWaits()
    {
        Task<ReadOnlyMemory<byte>> read = subscriber.DequeueAsync(Stop).AsTask();
        subscriber.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => read);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => subscriber.DequeueAsync(Stop).AsTask());
    }

    [Fact]
    public async Task ReadAllGivesMessagesUntilItsToken()
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        Task publishing = Task.Run(
            () =>
            {
                for (int i = 0; i < 1000; ++i)
                {
                    publisher.Enqueue(BitConverter.GetBytes(i), Stop);
                }
            },
            Stop);
        int next = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ReadOnlyMemory<byte> message in subscriber.ReadAllAsync(source.Token))
            {
                Assert.Equal(next, BitConverter.ToInt32(message.Span));
                if (++next == 1000)
                {
                    source.Cancel();
                }
            }
        });
        Assert.Equal(1000, next);
        await publishing;
    }

    [Fact]
    public async Task ReadAllEndsWithDisposal()
    {
        Task<List<byte[]>> reading = Task.Run(
            async () =>
            {
                var messages = new List<byte[]>();
                await foreach (ReadOnlyMemory<byte> message in subscriber.ReadAllAsync(Stop))
                {
                    messages.Add(message.ToArray());
                    subscriber.Dispose();
                }

                return messages;
            },
            Stop);
        publisher.TryEnqueue([1]);
        Assert.Equal([[1]], await reading);
    }

    [Fact]
    public async Task ChannelReaderReadsAndCompletes()
    {
        ChannelReader<ReadOnlyMemory<byte>> reader = subscriber.AsChannelReader();
        Assert.False(reader.TryRead(out _));
        ValueTask<bool> arrival = reader.WaitToReadAsync(Stop);
        Assert.False(arrival.IsCompleted);
        publisher.TryEnqueue([1]);
        publisher.TryEnqueue([]);
        Assert.True(await arrival);

        // Waiting takes nothing.
        Assert.Equal(2, new QueueInspector(options).Report().Ready);
        Assert.Equal([1], (await reader.ReadAsync(Stop)).ToArray());
        Assert.True(await reader.WaitToReadAsync(Stop));
        Assert.Empty((await reader.ReadAsync(Stop)).ToArray());
        Assert.False(reader.TryRead(out _));

        arrival = reader.WaitToReadAsync(Stop);
        subscriber.Dispose();
        Assert.False(await arrival);
        await reader.Completion;
        Assert.False(await reader.WaitToReadAsync(Stop));
    }

    [Fact]
    public async Task WaitsSeeMessagesOfAHeldUpQueue()
    {
        // What lies behind a reservation is passed to after a millisecond, without a wake-up.
        Task<ReadOnlyMemory<byte>> read = subscriber.DequeueAsync(Stop).AsTask();
        HoldUp();
        Assert.Equal([2], (await read).ToArray());

        void HoldUp()
        {
            using Reservation reservation = publisher.Reserve(10, Stop);
            publisher.TryEnqueue([2]);
            Waiting.Until(() => read.IsCompleted, "the message behind the reservation");
        }
    }
}
