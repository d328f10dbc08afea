// SPDX-License-Identifier: MIT

using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;

namespace Interprocess;

/// <summary>
/// The calls of <see cref="Publisher"/> and <see cref="Subscriber"/> that their interfaces lack, as
/// extension methods of the interfaces.
/// </summary>
/// <remarks>
/// Each throws a <see cref="NotSupportedException"/> for an implementation that this library did
/// not make.
/// </remarks>
public static class QueueExtensions
{
    /// <inheritdoc cref="Publisher.Enqueue(ReadOnlySpan{byte}, CancellationToken)"/>
    public static void Enqueue(
        this IPublisher publisher,
        ReadOnlySpan<byte> message,
        CancellationToken cancellation = default) => Ours(publisher).Enqueue(message, cancellation);

    /// <inheritdoc cref="Publisher.Enqueue(ReadOnlySpan{byte}, TimeSpan, CancellationToken)"/>
    public static bool Enqueue(
        this IPublisher publisher,
        ReadOnlySpan<byte> message,
        TimeSpan timeout,
        CancellationToken cancellation = default) =>
        Ours(publisher).Enqueue(message, timeout, cancellation);

    /// <inheritdoc cref="Publisher.TryEnqueueBatch"/>
    public static int TryEnqueueBatch(
        this IPublisher publisher,
        ReadOnlySpan<ReadOnlyMemory<byte>> messages) => Ours(publisher).TryEnqueueBatch(messages);

    /// <inheritdoc cref="Publisher.EnqueueBatch"/>
    public static int EnqueueBatch(
        this IPublisher publisher,
        ReadOnlySpan<ReadOnlyMemory<byte>> messages,
        TimeSpan timeout,
        CancellationToken cancellation = default) =>
        Ours(publisher).EnqueueBatch(messages, timeout, cancellation);

    /// <inheritdoc cref="Publisher.ApproximateDepth"/>
    public static long ApproximateDepth(this IPublisher publisher) => Ours(publisher).ApproximateDepth();

    /// <inheritdoc cref="Publisher.Counters"/>
    public static EndpointCounters Counters(this IPublisher publisher) => Ours(publisher).Counters();

    /// <inheritdoc cref="Publisher.Close"/>
    public static void Close(this IPublisher publisher) => Ours(publisher).Close();

    /// <inheritdoc cref="Subscriber.ApproximateDepth"/>
    public static long ApproximateDepth(this ISubscriber subscriber) => Ours(subscriber).ApproximateDepth();

    /// <inheritdoc cref="Subscriber.Counters"/>
    public static EndpointCounters Counters(this ISubscriber subscriber) => Ours(subscriber).Counters();

    /// <inheritdoc cref="Subscriber.Close"/>
    public static void Close(this ISubscriber subscriber) => Ours(subscriber).Close();

    /// <inheritdoc cref="Publisher.TryReserve"/>
    public static bool TryReserve(this IPublisher publisher, int size, out Reservation reservation) =>
        Ours(publisher).TryReserve(size, out reservation);

    /// <inheritdoc cref="Publisher.Reserve(int, CancellationToken)"/>
    public static Reservation Reserve(
        this IPublisher publisher,
        int size,
        CancellationToken cancellation = default) => Ours(publisher).Reserve(size, cancellation);

    /// <inheritdoc cref="Publisher.Reserve(int, TimeSpan, CancellationToken, out Reservation)"/>
    public static bool Reserve(
        this IPublisher publisher,
        int size,
        TimeSpan timeout,
        CancellationToken cancellation,
        out Reservation reservation) =>
        Ours(publisher).Reserve(size, timeout, cancellation, out reservation);

    /// <inheritdoc cref="Subscriber.TryDequeueInto"/>
    public static DequeueStatus TryDequeueInto(
        this ISubscriber subscriber,
        Span<byte> buffer,
        out MessageInfo info) => Ours(subscriber).TryDequeueInto(buffer, out info);

    /// <inheritdoc cref="Subscriber.DequeueInto"/>
    public static DequeueStatus DequeueInto(
        this ISubscriber subscriber,
        Span<byte> buffer,
        TimeSpan timeout,
        CancellationToken cancellation,
        out MessageInfo info) => Ours(subscriber).DequeueInto(buffer, timeout, cancellation, out info);

    /// <inheritdoc cref="Subscriber.Dequeue(TimeSpan, CancellationToken, out ReadOnlyMemory{byte})"/>
    public static bool Dequeue(
        this ISubscriber subscriber,
        TimeSpan timeout,
        CancellationToken cancellation,
        out ReadOnlyMemory<byte> message) =>
        Ours(subscriber).Dequeue(timeout, cancellation, out message);

    /// <inheritdoc cref="Subscriber.TryDequeueBatch"/>
    public static int TryDequeueBatch(
        this ISubscriber subscriber,
        int max,
        MessageHandler handler) => Ours(subscriber).TryDequeueBatch(max, handler);

    /// <inheritdoc cref="Subscriber.DequeueBatch"/>
    public static int DequeueBatch(
        this ISubscriber subscriber,
        int max,
        MessageHandler handler,
        TimeSpan timeout,
        CancellationToken cancellation = default) =>
        Ours(subscriber).DequeueBatch(max, handler, timeout, cancellation);

    /// <inheritdoc cref="Subscriber.TryBorrow"/>
    public static bool TryBorrow(this ISubscriber subscriber, out BorrowedMessage message) =>
        Ours(subscriber).TryBorrow(out message);

    /// <inheritdoc cref="Subscriber.Borrow(CancellationToken)"/>
    public static BorrowedMessage Borrow(
        this ISubscriber subscriber,
        CancellationToken cancellation = default) => Ours(subscriber).Borrow(cancellation);

    /// <inheritdoc cref="Subscriber.Borrow(TimeSpan, CancellationToken, out BorrowedMessage)"/>
    public static bool Borrow(
        this ISubscriber subscriber,
        TimeSpan timeout,
        CancellationToken cancellation,
        out BorrowedMessage message) => Ours(subscriber).Borrow(timeout, cancellation, out message);

    /// <inheritdoc cref="Subscriber.DequeueAsync"/>
    public static ValueTask<ReadOnlyMemory<byte>> DequeueAsync(
        this ISubscriber subscriber,
        CancellationToken cancellation = default) => Ours(subscriber).DequeueAsync(cancellation);

    /// <inheritdoc cref="Subscriber.ReadAllAsync"/>
    public static IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAllAsync(
        this ISubscriber subscriber,
        CancellationToken cancellation = default) => Ours(subscriber).ReadAllAsync(cancellation);

    /// <inheritdoc cref="Subscriber.AsChannelReader"/>
    public static ChannelReader<ReadOnlyMemory<byte>> AsChannelReader(this ISubscriber subscriber) =>
        Ours(subscriber).AsChannelReader();

    /// <inheritdoc cref="Subscriber.DrainNameless"/>
    public static void DrainNameless(this ISubscriber subscriber) =>
        Ours(subscriber).DrainNameless();

    private static Publisher Ours(IPublisher publisher) => publisher switch
    {
        Publisher ours => ours,
        null => throw new ArgumentNullException(nameof(publisher)),
        _ => throw new NotSupportedException($"{publisher.GetType()} has only what IPublisher has."),
    };

    private static Subscriber Ours(ISubscriber subscriber) => subscriber switch
    {
        Subscriber ours => ours,
        null => throw new ArgumentNullException(nameof(subscriber)),
        _ => throw new NotSupportedException($"{subscriber.GetType()} has only what ISubscriber has."),
    };
}
