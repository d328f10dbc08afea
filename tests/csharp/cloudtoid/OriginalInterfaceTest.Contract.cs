// SPDX-License-Identifier: MIT

using System;
using System.IO;
using System.Linq;
using System.Threading;
using Cloudtoid.Interprocess;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

/// <content>Names, arguments, exceptions and the members of the interfaces.</content>
public sealed partial class OriginalInterfaceTest
{
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
