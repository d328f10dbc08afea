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
public sealed class OriginalInterfaceTest : IDisposable
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

    [Fact]
    public void OptionsSayWhatTheyWereGiven()
    {
        QueueOptions[] all =
        [
            new(name, directory, 1024),
            new(queueName: name, path: directory, capacity: 1024),
            new(queueName: name, path: directory, bytesCapacity: 1024),
        ];
        Assert.All(all, options => Assert.Equal(
            (name, directory, 1024L), (options.QueueName, options.Path, options.Capacity)));
        QueueOptions[] inTheTemporaryDirectory =
        [
            new(name, 1024),
            new(queueName: name, capacity: 1024),
            new(queueName: name, bytesCapacity: 1024),
        ];
        Assert.All(inTheTemporaryDirectory, options => Assert.Equal(
            (name, Path.GetTempPath(), 1024L), (options.QueueName, options.Path, options.Capacity)));
    }

    [Fact]
    public void BadArgumentsAreNamed()
    {
        AssertNames<ArgumentNullException>("queueName", () => new QueueOptions(null!, 1024));
        AssertNames<ArgumentException>("queueName", () => new QueueOptions(string.Empty, 1024));
        AssertNames<ArgumentNullException>("path", () => new QueueOptions(name, null!, 1024));
        AssertNames<ArgumentOutOfRangeException>("capacity", () => new QueueOptions(name, 16));
        AssertNames<ArgumentException>("capacity", () => new QueueOptions(name, directory, 25));
        AssertNames<ArgumentOutOfRangeException>(
            "bytesCapacity", () => new QueueOptions(queueName: name, bytesCapacity: 16));
        AssertNames<ArgumentException>(
            "bytesCapacity", () => new QueueOptions(queueName: name, path: directory, bytesCapacity: 25));
        AssertNames<ArgumentNullException>("loggerFactory", () => new QueueFactory(null!));
        AssertNames<ArgumentNullException>("options", () => factory.CreatePublisher(null!));
        AssertNames<ArgumentNullException>("options", () => factory.CreateSubscriber(null!));

        static void AssertNames<T>(string parameter, Func<object> call)
            where T : ArgumentException => Assert.Equal(parameter, Assert.Throws<T>(call).ParamName);
    }

    [Fact]
    public void ParametersHaveTheirNames()
    {
        using IPublisher p = factory.CreatePublisher(options: new QueueOptions(name, directory, 1024));
        using ISubscriber s = factory.CreateSubscriber(options: new QueueOptions(name, directory, 1024));
        byte[] buffer = new byte[3];
        for (int i = 0; i < 4; ++i)
        {
            Assert.True(p.TryEnqueue(message: Three));
        }

        Assert.True(s.TryDequeue(cancellation: default, message: out ReadOnlyMemory<byte> got));
        Assert.Equal(Three, got.ToArray());
        Assert.True(s.TryDequeue(buffer: buffer, cancellation: default, message: out got));
        Assert.Equal(Three, got.ToArray());
        Assert.Equal(Three, s.Dequeue(cancellation: default).ToArray());
        Assert.Equal(Three, s.Dequeue(buffer: buffer, cancellation: default).ToArray());
    }

    [Fact]
    public void MessageOfNoBytesIsOne()
    {
        using IPublisher p = Publisher(40);
        using ISubscriber s = Subscriber(40);
        Assert.True(p.TryEnqueue(default));
        Assert.True(p.TryEnqueue(ReadOnlySpan<byte>.Empty));
        Assert.True(s.TryDequeue(default, out ReadOnlyMemory<byte> message));
        Assert.True(message.IsEmpty);
        Assert.True(s.TryDequeue(new byte[5], default, out message));
        Assert.True(message.IsEmpty);
        Assert.False(s.TryDequeue(default, out message));
        Assert.True(message.IsEmpty);
    }

    [Fact]
    public void ShortBufferTruncatesAndConsumes()
    {
        using IPublisher p = Publisher(1024);
        using ISubscriber s = Subscriber(1024);
        Assert.True(p.TryEnqueue(Fifty));
        Assert.True(p.TryEnqueue(Fifty));
        byte[] buffer = new byte[20];
        Assert.True(s.TryDequeue(buffer, default, out ReadOnlyMemory<byte> message));
        Assert.Equal(Fifty.Take(20), message.ToArray());
        Assert.Equal(Fifty.Take(20), buffer);
        Assert.True(s.Dequeue(default(Memory<byte>), default).IsEmpty);
        Assert.False(s.TryDequeue(default, out _));
    }

    [Fact]
    public void CancelledTokenIsTheCallersAndTakesNothing()
    {
        using IPublisher p = Publisher(1024);
        using ISubscriber s = Subscriber(1024);
        Assert.True(p.TryEnqueue(Three));
        var cancelled = new CancellationToken(canceled: true);
        Action[] calls =
        [
            () => s.TryDequeue(cancelled, out _),
            () => s.TryDequeue(new byte[3], cancelled, out _),
            () => s.Dequeue(cancelled),
            () => s.Dequeue(new byte[3], cancelled),
        ];
        Assert.All(calls, call => Assert.Equal(
            cancelled, Assert.Throws<OperationCanceledException>(call).CancellationToken));
        Assert.Equal(Three, s.Dequeue(default).ToArray());
    }

    [Fact]
    public void DisposedEndpointsSaySo()
    {
        IPublisher p = Publisher(1024);
        ISubscriber s = Subscriber(1024);
        for (int i = 0; i < 2; ++i)
        {
            p.Dispose();
            s.Dispose();
        }

        Assert.Throws<ObjectDisposedException>(() => p.TryEnqueue(Three));
        Assert.Throws<ObjectDisposedException>(() => p.TryEnqueue(new byte[2048]));
        Action[] calls =
        [
            () => s.TryDequeue(default, out _),
            () => s.TryDequeue(new byte[3], default, out _),
            () => s.Dequeue(default),
            () => s.Dequeue(new byte[3], default),
            () => s.Dequeue(new CancellationToken(canceled: true)),
        ];
        Assert.All(calls, call => Assert.ThrowsAny<OperationCanceledException>(call));
    }

    [Fact]
    public void SmallerCapacityIsOutOfRange()
    {
        using IPublisher p = Publisher(1024);
        Func<IDisposable>[] opens = [() => Publisher(512), () => Subscriber(512), () => Subscriber(1016)];
        Assert.All(opens, open =>
        {
            var e = Assert.Throws<ArgumentOutOfRangeException>(() => open());
            Assert.Equal("capacity", e.ParamName);
        });
        Assert.True(p.TryEnqueue(Three));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("/a")]
    [InlineData("../a")]
    [InlineData("a/")]
    public void NameThatLeadsElsewhereFindsNoDirectory(string bad)
    {
        var options = new QueueOptions(bad, directory, 1024);
        Assert.Throws<DirectoryNotFoundException>(() => factory.CreatePublisher(options));
        Assert.Throws<DirectoryNotFoundException>(() => factory.CreateSubscriber(options));
    }

    [Theory]
    [InlineData("x", 253)]
    [InlineData("\u00e4", 127)]
    [InlineData("x", 5000)]
    public void NameThatIsTooLongForAFileIsTooLongAPath(string letter, int count)
    {
        var options = new QueueOptions(string.Concat(Enumerable.Repeat(letter, count)), directory, 1024);
        Assert.Throws<PathTooLongException>(() => factory.CreatePublisher(options));
        Assert.Throws<PathTooLongException>(() => factory.CreateSubscriber(options));
    }

    [Fact]
    public void InterfacesHaveNoOtherMembers()
    {
        // Programs have implementations of their own, in their tests.
        using IPublisher p = new Stub();
        using ISubscriber s = new Stub();
        var services = new ServiceCollection();
        services.AddSingleton<IQueueFactory>(new Stub());
        Assert.Same(services, services.AddInterprocessQueue());
        using ServiceProvider provider = services.BuildServiceProvider();
        IQueueFactory own = provider.GetRequiredService<IQueueFactory>();
        Assert.IsType<Stub>(own);
        Assert.True(own.CreatePublisher(new QueueOptions(name, 1024)).TryEnqueue(Three));
    }

    [Fact]
    public void FactoryIsOneForAll()
    {
        using ServiceProvider provider = new ServiceCollection().AddInterprocessQueue().BuildServiceProvider();
        IQueueFactory first = provider.GetRequiredService<IQueueFactory>();
        Assert.IsType<QueueFactory>(first);
        Assert.Same(first, provider.GetRequiredService<IQueueFactory>());
        using ILoggerFactory loggers = LoggerFactory.Create(_ => { });
        using IPublisher p = new QueueFactory(loggers).CreatePublisher(new QueueOptions(name, directory, 1024));
        Assert.True(p.TryEnqueue(Three));
    }

    private IPublisher Publisher(long capacity) =>
        factory.CreatePublisher(new QueueOptions(name, directory, capacity));

    private ISubscriber Subscriber(long capacity) =>
        factory.CreateSubscriber(new QueueOptions(name, directory, capacity));

    private sealed class Stub : IQueueFactory, IPublisher, ISubscriber
    {
        public IPublisher CreatePublisher(QueueOptions options) => this;

        public ISubscriber CreateSubscriber(QueueOptions options) => this;

        public bool TryEnqueue(ReadOnlySpan<byte> message) => true;

        public bool TryDequeue(CancellationToken cancellation, out ReadOnlyMemory<byte> message) =>
            TryDequeue(default, cancellation, out message);

        public bool TryDequeue(
            Memory<byte> buffer, CancellationToken cancellation, out ReadOnlyMemory<byte> message)
        {
            message = default;
            return false;
        }

        public ReadOnlyMemory<byte> Dequeue(CancellationToken cancellation) => default;

        public ReadOnlyMemory<byte> Dequeue(Memory<byte> buffer, CancellationToken cancellation) => default;

        public void Dispose()
        {
        }
    }
}
