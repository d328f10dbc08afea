// SPDX-License-Identifier: MIT

using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Interprocess;
using Xunit;

/// <summary>What the interfaces of the original promise.</summary>
public sealed class DropInTest : IDisposable
{
    private static readonly byte[] Message = [1, 2, 3];

    private readonly Scratch scratch = new();
    private readonly QueueFactory factory = new();
    private readonly QueueOptions options;

    public DropInTest() => options = scratch.NewQueue();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void MessageArrivesInEveryWay()
    {
        using IPublisher publisher = factory.CreatePublisher(options);
        using ISubscriber subscriber = factory.CreateSubscriber(options);
        byte[] buffer = new byte[5];
        for (int i = 0; i < 4; ++i)
        {
            Assert.True(publisher.TryEnqueue(Message));
        }

        Assert.True(subscriber.TryDequeue(default, out ReadOnlyMemory<byte> message));
        Assert.Equal(Message, message.ToArray());
        Assert.True(subscriber.TryDequeue(buffer, default, out message));
        Assert.Equal(Message, message.ToArray());
        Assert.Equal(Message, buffer.Take(3));
        Assert.Equal(Message, subscriber.Dequeue(default).ToArray());
        Assert.Equal(Message, subscriber.Dequeue(buffer, default).ToArray());
        Assert.False(subscriber.TryDequeue(default, out message));
        Assert.True(message.IsEmpty);
        Assert.False(subscriber.TryDequeue(buffer, default, out message));
        Assert.True(message.IsEmpty);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(65536)]
    public void EverySizeArrivesInANewArrayOfThatSize(int size)
    {
        using IPublisher publisher = factory.CreatePublisher(options);
        using ISubscriber subscriber = factory.CreateSubscriber(options);
        byte[] sent = Enumerable.Range(0, size).Select(i => (byte)(i * 31)).ToArray();
        Assert.True(publisher.TryEnqueue(sent));
        Assert.True(subscriber.TryDequeue(default, out ReadOnlyMemory<byte> message));
        Assert.Equal(sent, message.ToArray());
        Assert.True(publisher.TryEnqueue(sent));
        Assert.Equal(sent, subscriber.Dequeue(default).ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void ShortBufferTruncatesAndConsumes(int room)
    {
        using IPublisher publisher = factory.CreatePublisher(options);
        using ISubscriber subscriber = factory.CreateSubscriber(options);
        publisher.TryEnqueue(Message);
        publisher.TryEnqueue(Message);
        Assert.True(subscriber.TryDequeue(new byte[room], default, out ReadOnlyMemory<byte> message));
        Assert.Equal(Message.Take(room), message.ToArray());
        Assert.Equal(Message.Take(room), subscriber.Dequeue(new byte[room], default).ToArray());
        Assert.False(subscriber.TryDequeue(default, out _));
    }

    [Fact]
    public void ShortBufferTruncatesWhatIsWaitedFor()
    {
        using IPublisher publisher = factory.CreatePublisher(options);
        using ISubscriber subscriber = factory.CreateSubscriber(options);
        Task<byte[]> waiting = Task.Run(() => subscriber.Dequeue(new byte[2], default).ToArray());
        Waiting.UntilSleeping(options, 1);
        publisher.TryEnqueue(Message);
        Assert.Equal(Message.Take(2), waiting.Result);
    }

    [Fact]
    public void FullQueueIsFalse()
    {
        using IPublisher publisher = factory.CreatePublisher(options);
        int count = 0;
        while (publisher.TryEnqueue(new byte[1000]))
        {
            ++count;
        }

        Assert.InRange(count, 1, 100);
    }

    [Fact]
    public void MessageThatNeverFitsIsAnError()
    {
        using var publisher = new Publisher(options);
        IPublisher interfaceOfIt = publisher;
        byte[] most = new byte[publisher.MaxMessageSize];
        byte[] larger = new byte[publisher.MaxMessageSize + 1];
        Action[] calls =
        [
            () => publisher.TryEnqueue(larger),
            () => interfaceOfIt.TryEnqueue(larger),
            () => interfaceOfIt.TryEnqueue(new byte[1024 * 1024]),
            () => publisher.Enqueue(larger),
        ];
        Assert.All(calls, call =>
        {
            var e = Assert.Throws<ArgumentException>(call);
            Assert.Equal("message", e.ParamName);
            Assert.Contains($"{most.Length}", e.Message);
        });
        Assert.True(publisher.TryEnqueue(most));

        // A full queue does not hide the error.
        Assert.False(publisher.TryEnqueue(most));
        Assert.Throws<ArgumentException>(() => publisher.TryEnqueue(larger));
    }

    [Fact]
    public void UndeliveredMessagesStay()
    {
        using (IPublisher publisher = factory.CreatePublisher(options))
        {
            publisher.TryEnqueue(Message);
        }

        using ISubscriber subscriber = factory.CreateSubscriber(options);
        Assert.True(subscriber.TryDequeue(default, out _));
    }

    [Fact]
    public void UndeliveredMessagesGoIfTheOptionsSaySo()
    {
        var discard = new QueueOptions(options.QueueName, options.Path, options.Capacity)
        {
            KeepUndelivered = false,
        };
        using (IPublisher publisher = factory.CreatePublisher(discard))
        {
            publisher.TryEnqueue(Message);
        }

        using ISubscriber subscriber = factory.CreateSubscriber(discard);
        Assert.False(subscriber.TryDequeue(default, out _));
    }

    [Fact]
    public void CancelledTokenTakesNothing()
    {
        using IPublisher publisher = factory.CreatePublisher(options);
        using ISubscriber subscriber = factory.CreateSubscriber(options);
        publisher.TryEnqueue(Message);
        var token = new CancellationToken(canceled: true);
        byte[] buffer = new byte[5];
        OperationCanceledException[] thrown =
        [
            Assert.Throws<OperationCanceledException>(() => subscriber.TryDequeue(token, out _)),
            Assert.Throws<OperationCanceledException>(() => subscriber.TryDequeue(buffer, token, out _)),
            Assert.Throws<OperationCanceledException>(() => subscriber.Dequeue(token)),
            Assert.Throws<OperationCanceledException>(() => subscriber.Dequeue(buffer, token)),
        ];
        Assert.All(thrown, e => Assert.Equal(token, e.CancellationToken));
        Assert.True(subscriber.TryDequeue(default, out _));
    }

    [Fact]
    public async Task TokenEndsAWait()
    {
        using ISubscriber subscriber = factory.CreateSubscriber(options);
        using var source = new CancellationTokenSource();
        Task waiting = Task.Run(() => subscriber.Dequeue(source.Token), TestContext.Current.CancellationToken);
        Waiting.UntilSleeping(options, 1);
        source.Cancel();
        var thrown = await Assert.ThrowsAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(source.Token, thrown.CancellationToken);
    }

    [Fact]
    public async Task DisposalEndsTheWaitsOfOtherThreads()
    {
        ISubscriber subscriber = factory.CreateSubscriber(options);
        Task[] waiting = new Task[3];
        for (int i = 0; i < waiting.Length; ++i)
        {
            waiting[i] = Task.Run(() => subscriber.Dequeue(default), TestContext.Current.CancellationToken);
        }

        Waiting.UntilSleeping(options, 1);
        subscriber.Dispose();
        foreach (Task task in waiting)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => task);
        }
    }

    [Fact]
    public void CallsAfterDisposalThrow()
    {
        IPublisher publisher = factory.CreatePublisher(options);
        ISubscriber subscriber = factory.CreateSubscriber(options);
        publisher.Dispose();
        publisher.Dispose();
        subscriber.Dispose();
        subscriber.Dispose();
        Assert.Throws<ObjectDisposedException>(() => publisher.TryEnqueue(Message));
        Assert.Throws<ObjectDisposedException>(() => subscriber.TryDequeue(default, out _));
        Assert.Throws<ObjectDisposedException>(() => subscriber.TryDequeue(new byte[5], default, out _));
        Assert.Throws<ObjectDisposedException>(() => subscriber.Dequeue(default));
        Assert.Throws<ObjectDisposedException>(() => subscriber.Dequeue(new byte[5], default));
    }

    [Fact]
    public void NullArgumentsAreNamed()
    {
        Assert.Equal(
            "options",
            Assert.Throws<ArgumentNullException>(() => factory.CreatePublisher(null!)).ParamName);
        Assert.Equal(
            "options",
            Assert.Throws<ArgumentNullException>(() => factory.CreateSubscriber(null!)).ParamName);
        Assert.Equal(
            "loggerFactory",
            Assert.Throws<ArgumentNullException>(() => new QueueFactory(null!)).ParamName);
    }

    [Fact]
    public void DefaultSpanAndBufferAreEmptyOnes()
    {
        using IPublisher publisher = factory.CreatePublisher(options);
        using ISubscriber subscriber = factory.CreateSubscriber(options);
        Assert.True(publisher.TryEnqueue(default));
        Assert.True(publisher.TryEnqueue(Message));
        Assert.True(subscriber.TryDequeue(default(Memory<byte>), default, out ReadOnlyMemory<byte> message));
        Assert.True(message.IsEmpty);
        Assert.True(subscriber.TryDequeue(default(Memory<byte>), default, out message));
        Assert.True(message.IsEmpty);
        Assert.False(subscriber.TryDequeue(default, out _));
    }
}
