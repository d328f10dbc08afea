// SPDX-License-Identifier: MIT

using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using Interprocess;
using Xunit;

/// <summary>Several messages at a time, and what the interfaces offer by extension methods.</summary>
public sealed class BatchTest : PairTest
{
    [Fact]
    public void EnqueueWaitsForRoomOfTheFirst()
    {
        Assert.True(Publisher.TryEnqueue(new byte[Capacity]));
        ReadOnlyMemory<byte>[] messages = [new byte[100], new byte[200], Array.Empty<byte>()];
        Assert.Equal(0, Publisher.EnqueueBatch(messages, TimeSpan.FromMilliseconds(3), Stop));
        Task<int> batch = Task.Run(
            () => Publisher.EnqueueBatch(messages, Timeout.InfiniteTimeSpan, Stop), Stop);
        Waiting.UntilSleeping(Options, 1);
        Assert.True(Subscriber.TryDequeue(default, out ReadOnlyMemory<byte> large));
        Assert.Equal(Capacity, large.Length);
        Assert.Equal(3, batch.Result);
        Assert.Equal(new[] { 100, 200, 0 }, Sizes(3));
    }

    [Fact]
    public void EnqueueStopsWhereThereIsNoRoom()
    {
        ReadOnlyMemory<byte>[] messages = [new byte[1000], new byte[Capacity], new byte[1]];
        Assert.Equal(1, Publisher.EnqueueBatch(messages, TimeSpan.Zero, Stop));
        Assert.Equal(new[] { 1000 }, Sizes(3));
        Assert.Equal(0, Publisher.EnqueueBatch([], Timeout.InfiniteTimeSpan, Stop));
        messages = [new byte[1], new byte[1024 * 1024]];
        Assert.Equal(
            "messages",
            Assert.Throws<ArgumentException>(
                () => Publisher.EnqueueBatch(messages, TimeSpan.Zero, Stop)).ParamName);
        Assert.Empty(Sizes(1));
    }

    [Fact]
    public void DequeueWaitsForTheFirst()
    {
        Assert.Equal(0, Subscriber.DequeueBatch(9, Unexpected, TimeSpan.FromMilliseconds(3), Stop));
        Assert.Equal(0, Subscriber.DequeueBatch(0, Unexpected, Timeout.InfiniteTimeSpan, Stop));
        var sizes = new List<int>();
        Task<int> batch = Task.Run(
            () => Subscriber.DequeueBatch(
                9, (message, _) => sizes.Add(message.Length), Timeout.InfiniteTimeSpan, Stop),
            Stop);
        Waiting.UntilSleeping(Options, 1);
        Assert.True(Publisher.TryEnqueue(new byte[7]));
        Assert.Equal(1, batch.Result);
        Assert.Equal(new[] { 7 }, sizes);
        Assert.Equal(3, Publisher.TryEnqueueBatch([new byte[1], new byte[2], new byte[3]]));
        sizes.Clear();
        Assert.Equal(
            2,
            Subscriber.DequeueBatch(
                2, (message, _) => sizes.Add(message.Length), Timeout.InfiniteTimeSpan, Stop));
        Assert.Equal(new[] { 1, 2 }, sizes);
    }

    [Fact]
    public void CancelledTokenDoesNothing()
    {
        var cancelled = new CancellationToken(canceled: true);
        ReadOnlyMemory<byte>[] messages = [new byte[1]];
        Assert.Throws<OperationCanceledException>(
            () => Publisher.EnqueueBatch(messages, TimeSpan.Zero, cancelled));
        Assert.True(Publisher.TryEnqueue([1]));
        Assert.Throws<OperationCanceledException>(
            () => Subscriber.DequeueBatch(1, Unexpected, TimeSpan.Zero, cancelled));
        Assert.Equal(new[] { 1 }, Sizes(2));
    }

    [Fact]
    public void HandlerThatThrowsGivesTheRestBack()
    {
        for (byte i = 0; i < 5; ++i)
        {
            Publisher.TryEnqueue([i]);
        }

        Assert.Throws<TimeZoneNotFoundException>(() => Subscriber.TryDequeueBatch(
            5,
            (message, _) =>
            {
                if (message[0] == 2)
                {
                    throw new TimeZoneNotFoundException();
                }
            }));
        var rest = new List<byte>();
        while (Subscriber.TryDequeue(default, out ReadOnlyMemory<byte> message))
        {
            rest.Add(message.Span[0]);
        }

        Assert.Equal(new byte[] { 2, 3, 4 }, rest.Order());
    }

    /// <summary>The interface offers as much as the class.</summary>
    [Theory]
    [InlineData(typeof(Publisher), typeof(IPublisher))]
    [InlineData(typeof(Subscriber), typeof(ISubscriber))]
    public void ExtensionMethodsOfferWhatTheClassDoes(Type type, Type face)
    {
        string[] Parameters(MethodInfo method, int from) =>
            [method.Name, .. method.GetParameters().Skip(from).Select(p => p.ParameterType.ToString())];
        IEnumerable<string> own = type
            .GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(method => !method.IsSpecialName)
            .Select(method => string.Join(' ', Parameters(method, 0)));
        string[] offered =
        [
            .. face.GetMethods().Select(method => string.Join(' ', Parameters(method, 0))),
            .. typeof(QueueExtensions).GetMethods()
                .Where(method => method.IsStatic && method.GetParameters()[0].ParameterType == face)
                .Select(method => string.Join(' ', Parameters(method, 1))),
            "Dispose",
        ];
        Assert.Empty(own.Except(offered));
        Assert.True(offered.Length > 5);
    }

    private static void Unexpected(ReadOnlySpan<byte> message, MessageInfo info) =>
        throw new InvalidOperationException("a message");

    private List<int> Sizes(int max)
    {
        var sizes = new List<int>();
        Subscriber.TryDequeueBatch(max, (message, _) => sizes.Add(message.Length));
        return sizes;
    }
}
