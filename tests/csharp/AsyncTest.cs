// SPDX-License-Identifier: MIT

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using Interprocess;
using Xunit;

public sealed class AsyncTest : PairTest
{
    [Fact]
    public async Task MessageThatIsThereNeedsNoWait()
    {
        Publisher.TryEnqueue([1]);
        ValueTask<ReadOnlyMemory<byte>> read = Subscriber.DequeueAsync(Stop);
        Assert.True(read.IsCompletedSuccessfully);
        Assert.Equal([1], (await read).ToArray());
    }

    [Fact]
    public async Task WaitsGetTheirMessagesInOrder()
    {
        Task<ReadOnlyMemory<byte>>[] reads = Enumerable.Range(0, 10)
            .Select(_ => Subscriber.DequeueAsync(Stop).AsTask()).ToArray();
        Assert.All(reads, read => Assert.False(read.IsCompleted));
        for (byte i = 0; i < 10; ++i)
        {
            Publisher.TryEnqueue([i]);
        }

        for (byte i = 0; i < 10; ++i)
        {
            Assert.Equal([i], (await reads[i]).ToArray());
        }
    }

    [Fact]
    public async Task ManyQueuesShareOneThread()
    {
        QueueOptions[] queues = Enumerable.Range(0, 200).Select(_ => Scratch.NewQueue(4096)).ToArray();
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
        Task<ReadOnlyMemory<byte>> first = Subscriber.DequeueAsync(source.Token).AsTask();
        Task<ReadOnlyMemory<byte>> second = Subscriber.DequeueAsync(Stop).AsTask();
        source.Cancel();
        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(source.Token, thrown.CancellationToken);
        Publisher.TryEnqueue([7]);
        Assert.Equal([7], (await second).ToArray());
        Publisher.TryEnqueue([8]);
        Assert.True(Subscriber.DequeueAsync(source.Token).IsCanceled);
        Assert.True(Subscriber.TryDequeue(default, out _));
    }

    [Fact]
    public async Task DisposalEndsWaits()
    {
        Task<ReadOnlyMemory<byte>> read = Subscriber.DequeueAsync(Stop).AsTask();
        Subscriber.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => read);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Subscriber.DequeueAsync(Stop).AsTask());
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
                    Publisher.Enqueue(BitConverter.GetBytes(i), Stop);
                }
            },
            Stop);
        int next = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ReadOnlyMemory<byte> message in Subscriber.ReadAllAsync(source.Token))
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
                await foreach (ReadOnlyMemory<byte> message in Subscriber.ReadAllAsync(Stop))
                {
                    messages.Add(message.ToArray());
                    Subscriber.Dispose();
                }

                return messages;
            },
            Stop);
        Publisher.TryEnqueue([1]);
        Assert.Equal([[1]], await reading);
    }

    [Fact]
    public async Task ChannelReaderReadsAndCompletes()
    {
        ChannelReader<ReadOnlyMemory<byte>> reader = Subscriber.AsChannelReader();
        Assert.False(reader.TryRead(out _));
        ValueTask<bool> arrival = reader.WaitToReadAsync(Stop);
        Assert.False(arrival.IsCompleted);
        Publisher.TryEnqueue([1]);
        Publisher.TryEnqueue([]);
        Assert.True(await arrival);

        // Waiting takes nothing.
        Assert.Equal(2, new QueueInspector(Options).Report().Ready);
        Assert.Equal([1], (await reader.ReadAsync(Stop)).ToArray());
        Assert.True(await reader.WaitToReadAsync(Stop));
        Assert.Empty((await reader.ReadAsync(Stop)).ToArray());
        Assert.False(reader.TryRead(out _));

        arrival = reader.WaitToReadAsync(Stop);
        Subscriber.Dispose();
        Assert.False(await arrival);
        await reader.Completion;
        Assert.False(await reader.WaitToReadAsync(Stop));
    }

    [Fact]
    public async Task WaitsSeeMessagesOfAHeldUpQueue()
    {
        // What lies behind a reservation is passed to after a millisecond, without a wake-up.
        Task<ReadOnlyMemory<byte>> read = Subscriber.DequeueAsync(Stop).AsTask();
        HoldUp();
        Assert.Equal([2], (await read).ToArray());

        void HoldUp()
        {
            using Reservation reservation = Publisher.Reserve(10, Stop);
            Publisher.TryEnqueue([2]);
            Waiting.Until(() => read.IsCompleted, "the message behind the reservation");
        }
    }
}
