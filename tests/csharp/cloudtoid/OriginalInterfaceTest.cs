// SPDX-License-Identifier: MIT

using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Cloudtoid.Interprocess;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

/// <summary>
/// What programs written for the original's public interface rely on, at its capacities: they are
/// exact in its format.
/// </summary>
public sealed partial class OriginalInterfaceTest : IDisposable
{
    private static readonly byte[] One = [100];
    private static readonly byte[] Three = [100, 110, 120];
    private static readonly byte[] Fifty = Enumerable.Range(1, 50).Select(i => (byte)i).ToArray();

    private readonly string directory = Directory.CreateTempSubdirectory("original-").FullName;
    private readonly string name = "q" + Guid.NewGuid().ToString("N")[..12];
    private readonly QueueFactory factory = new();

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void Sample()
    {
        byte[] message = [1, 2, 3];
        byte[] messageBuffer = new byte[3];
        CancellationToken cancellationToken = default;

        var options = new QueueOptions(
            queueName: name,
            bytesCapacity: 1024 * 1024);

        using var publisher = factory.CreatePublisher(options);
        publisher.TryEnqueue(message);

        options = new QueueOptions(
            queueName: name,
            capacity: 1024 * 1024);

        using var subscriber = factory.CreateSubscriber(options);
        Assert.True(subscriber.TryDequeue(messageBuffer, cancellationToken, out var received));
        Assert.Equal(message, received.ToArray());
        Assert.Equal(Path.GetTempPath(), options.Path);
        Assert.True(File.Exists(Path.Combine(Path.GetTempPath(), ".cloudtoid/interprocess/mmf", name + ".qu")));
    }

    [Fact]
    public void DependencyInjectionSample()
    {
        var services = new ServiceCollection();

        services
            .AddInterprocessQueue() // adding the queue related components
            .AddLogging(); // optionally, we can enable logging

        using var serviceProvider = services.BuildServiceProvider();
        var injected = serviceProvider.GetRequiredService<IQueueFactory>();
        using var publisher = injected.CreatePublisher(new QueueOptions(name, directory, 1024));
        publisher.TryEnqueue(Three);
        using var subscriber = injected.CreateSubscriber(new QueueOptions(name, directory, 1024));
        Assert.Equal(Three, subscriber.Dequeue(default).ToArray());
    }

    [Fact]
    public void MessagesComeInEveryWay()
    {
        using IPublisher p = Publisher(40);
        using ISubscriber s = Subscriber(40);
        for (int i = 0; i < 10; ++i)
        {
            Assert.True(p.TryEnqueue(Three));
            Assert.Equal(Three, s.Dequeue(default).ToArray());
            Assert.True(p.TryEnqueue(Three));
            Assert.Equal(Three, s.Dequeue(new byte[5], default).ToArray());
            Assert.True(p.TryEnqueue(Three));
            Assert.Equal(Three.Take(2), s.Dequeue(new byte[2], default).ToArray());
            Assert.False(s.TryDequeue(default, out _));
        }
    }

    [Fact]
    public void MessagesWrapRoundTheEnd()
    {
        using IPublisher p = Publisher(128);
        using ISubscriber s = Subscriber(128);
        for (int i = 0; i < 100; ++i)
        {
            Assert.True(p.TryEnqueue(Fifty));
            Assert.Equal(Fifty, s.Dequeue(default).ToArray());
        }
    }

    [Fact]
    public void CapacityIsExact()
    {
        using IPublisher p = Publisher(24);
        Assert.True(p.TryEnqueue(Three));
        Assert.False(p.TryEnqueue(One));
        Assert.False(p.TryEnqueue(new byte[100]));
    }

    [Fact]
    public void MessagesGoWithTheLastEndpoint()
    {
        IPublisher p = Publisher(40);
        Assert.True(p.TryEnqueue(Three));
        using (Subscriber(40))
        {
            p.Dispose();
        }

        using (Publisher(40))
        using (ISubscriber s = Subscriber(40))
        {
            Assert.False(s.TryDequeue(default, out _));
        }
    }

    [Fact]
    public void MessagesOutliveTheirPublisher()
    {
        IPublisher p = Publisher(40);
        Assert.True(p.TryEnqueue(Three));
        using ISubscriber s = Subscriber(40);
        p.Dispose();
        Assert.Equal(Three, s.Dequeue(default).ToArray());
    }

    [Fact]
    public async Task DisposalEndsAWait()
    {
        ISubscriber s = Subscriber(1024);
        using var entered = new ManualResetEventSlim();
        Task waiting = Task.Factory.StartNew(
            () =>
            {
                entered.Set();
                s.Dequeue(default);
            },
            TaskCreationOptions.LongRunning);
        entered.Wait(TestContext.Current.CancellationToken);
        s.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task LoopThatStopsWhenCancelledStopsWhenDisposed(int room)
    {
        ISubscriber s = Subscriber(1024);
        using var received = new ManualResetEventSlim();
        Task loop = Task.Factory.StartNew(
            () =>
            {
                try
                {
                    while (true)
                    {
                        _ = room == 0 ? s.Dequeue(default) : s.Dequeue(new byte[room], default);
                        received.Set();
                    }
                }
                catch (OperationCanceledException)
                {
                }
            },
            TaskCreationOptions.LongRunning);
        using (IPublisher p = Publisher(1024))
        {
            Assert.True(p.TryEnqueue(Three));
            received.Wait(TestContext.Current.CancellationToken);
        }

        s.Dispose();
        await loop;
    }

    [Fact]
    public async Task TokenEndsAWait()
    {
        using ISubscriber s = Subscriber(1024);
        using var source = new CancellationTokenSource();
        Task waiting = Task.Factory.StartNew(() => s.Dequeue(source.Token), TaskCreationOptions.LongRunning);
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Throws<OperationCanceledException>(() => s.TryDequeue(source.Token, out _));
    }

    [Fact]
    public async Task SubscribersShareTheMessages()
    {
        const int Count = 4000;
        int[] received = new int[Count];
        using IPublisher anchor = Publisher(256);
        Task[] readers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            using ISubscriber s = Subscriber(256);
            byte[] buffer = new byte[8];
            for (int i = 0; i < Count / 4; ++i)
            {
                Interlocked.Increment(
                    ref received[BitConverter.ToInt32(s.Dequeue(buffer, TestContext.Current.CancellationToken).Span)]);
            }
        })).ToArray();
        Task[] writers = Enumerable.Range(0, 2).Select(first => Task.Run(() =>
        {
            using IPublisher p = Publisher(256);
            for (int id = first; id < Count; id += 2)
            {
                while (!p.TryEnqueue(BitConverter.GetBytes((long)id)))
                {
                    Thread.Yield();
                }
            }
        })).ToArray();
        await Task.WhenAll([.. readers, .. writers]);
        Assert.All(received, times => Assert.Equal(1, times));
    }

    [Fact]
    public void RingGoesRoundManyTimes()
    {
        using IPublisher p = Publisher(1024);
        using ISubscriber s = Subscriber(1024);
        byte[] message = Enumerable.Range(100, 66).Select(i => (byte)i).ToArray();
        for (int i = 0; i < 20_000; ++i)
        {
            Assert.True(p.TryEnqueue(message));
            Assert.Equal(message, s.Dequeue(default).ToArray());
        }
    }

    private IPublisher Publisher(long capacity) =>
        factory.CreatePublisher(new QueueOptions(name, directory, capacity));

    private ISubscriber Subscriber(long capacity) =>
        factory.CreateSubscriber(new QueueOptions(name, directory, capacity));
}
