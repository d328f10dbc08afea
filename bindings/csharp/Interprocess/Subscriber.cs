using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Interprocess.Interop;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Interprocess;

/// <summary>Takes messages from a queue: all that the library can do.</summary>
/// <remarks>
/// Thread-safe; threads that share one take turns, so a program that takes much in several threads
/// opens one for each. If a subscriber dies while it holds a message, another gets it, marked
/// redelivered. A call that takes a message into a caller's buffer, or finds none, allocates nothing.
/// </remarks>
/// <example>
/// <code>
/// using var subscriber = new Subscriber(new QueueOptions("greetings", 1024 * 1024));
/// ReadOnlyMemory&lt;byte&gt; message = subscriber.Dequeue(cancellation);
/// </code>
/// </example>
public sealed partial class Subscriber : ISubscriber
{
    private readonly FaceSubscriber native;
    private readonly EndpointState state;

    /// <inheritdoc cref="IQueueFactory.CreateSubscriber"/>
    public Subscriber(QueueOptions options)
        : this(options, NullLoggerFactory.Instance)
    {
    }

    internal Subscriber(QueueOptions options, ILoggerFactory loggers)
    {
        state = new EndpointState(options, loggers.CreateLogger<Subscriber>(), nameof(Subscriber));
        native = state.Open(FaceSubscriber.Open);
        native.SetSpin(EndpointState.ToNanoseconds(options.Spin));
        Capacity = native.Capacity();
        MaxMessageSize = native.MaxMessageSize();
        state.Opened(Capacity);
    }

    /// <summary>Gets the bytes that may wait in the queue; maybe more than was asked for.</summary>
    public long Capacity { get; }

    /// <summary>Gets the size of the largest message that the queue takes, in bytes.</summary>
    public long MaxMessageSize { get; }

    /// <summary>
    /// Takes the next message into a buffer, if there is one now and the buffer has room for it. Does
    /// not wait, and cuts nothing off.
    /// </summary>
    /// <param name="buffer">Gets the message, in its first bytes.</param>
    /// <param name="info">
    /// What is known of the message; its size also if the buffer is too small.
    /// </param>
    /// <returns>Whether it was taken, and if not, why.</returns>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public DequeueStatus TryDequeueInto(Span<byte> buffer, out MessageInfo info) =>
        StatusOf(TryTake(buffer), default, out info);

    /// <summary>
    /// Takes the next message into a buffer, if the buffer has room for it. Waits for one, for a time,
    /// and cuts nothing off.
    /// </summary>
    /// <param name="buffer">Gets the message, in its first bytes.</param>
    /// <param name="timeout">
    /// The longest wait, or <see cref="Timeout.InfiniteTimeSpan"/>. However short, it is tried once.
    /// </param>
    /// <param name="cancellation">Ends the wait; nothing is taken then.</param>
    /// <param name="info">
    /// What is known of the message; its size also if the buffer is too small.
    /// </param>
    /// <returns>Whether it was taken, and if not, why.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative <paramref name="timeout"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed, maybe meanwhile.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public unsafe DequeueStatus DequeueInto(
        Span<byte> buffer,
        TimeSpan timeout,
        CancellationToken cancellation,
        out MessageInfo info)
    {
        using var limits = new WaitLimits(timeout, cancellation);
        fixed (byte* bytes = buffer)
        {
            long result = native.Dequeue(
                (nint)bytes, buffer.Length, limits.Nanoseconds, limits.Interrupt);
            return StatusOf(result, cancellation, out info);
        }
    }

    /// <summary>Takes the next message into a new array. Waits for one, for a time.</summary>
    /// <param name="timeout">
    /// The longest wait, or <see cref="Timeout.InfiniteTimeSpan"/>. However short, it is tried once.
    /// </param>
    /// <param name="cancellation">Ends the wait; nothing is taken then.</param>
    /// <param name="message">The message; empty if none came.</param>
    /// <returns><see langword="false"/> if none came in time.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative <paramref name="timeout"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed, maybe meanwhile.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public bool Dequeue(
        TimeSpan timeout,
        CancellationToken cancellation,
        out ReadOnlyMemory<byte> message)
    {
        using var limits = new WaitLimits(timeout, cancellation);
        return TakeNew(limits, cancellation, out message);
    }

    /// <summary>
    /// Leaves the queue. Calls that wait in other threads end with an
    /// <see cref="ObjectDisposedException"/>, and this returns when they have. Borrowed messages stay
    /// readable, and can be acknowledged, until they are disposed. Calling it again does nothing.
    /// </summary>
    public void Dispose()
    {
        if (state.BeginDispose())
        {
            EndReads();

            // The native object itself goes with the finalizer, when no call can be on its way to it.
            native.Close();
        }
    }

    /// <summary>Takes the next message, if there is one: the native call's result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe long TryTake(Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            return native.TryDequeue((nint)bytes, buffer.Length);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CountTaken(long result) => QueueMetrics.Dequeued(
        state.QueueName, Result.SizeOf(result), Result.IsRedelivered(result));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private DequeueStatus StatusOf(
        long result,
        CancellationToken cancellation,
        out MessageInfo info)
    {
        if (result < 0)
        {
            return StatusOfError(result, cancellation, out info);
        }

        info = Result.InfoOf(result);
        CountTaken(result);
        return DequeueStatus.Dequeued;
    }

    private DequeueStatus StatusOfError(
        long result,
        CancellationToken cancellation,
        out MessageInfo info)
    {
        info = default;
        switch (Result.ErrorOf(result))
        {
            case QueueError.Unavailable or QueueError.DeadlineExceeded:
                return DequeueStatus.Empty;
            case QueueError.OutOfRange:
                info = new MessageInfo(Result.SizeNeeded(result), 0, false);
                return DequeueStatus.BufferTooSmall;
            default:
                throw Failure(result, cancellation);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Exception Failure(long result, CancellationToken cancellation = default) =>
        state.Failure(Result.ErrorOf(result), native.ErrorText(result), cancellation);
}
