using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Interprocess.Interop;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Interprocess;

/// <summary>Puts messages into a queue: all that the library can do.</summary>
/// <remarks>
/// Thread-safe; threads that share one take turns, so a program that publishes much from several
/// threads opens one for each. Messages that one publisher enqueues one after the other are delivered
/// in that order. A call that neither waits nor fails allocates nothing.
/// </remarks>
/// <example>
/// <code>
/// using var publisher = new Publisher(new QueueOptions("greetings", 1024 * 1024));
/// publisher.Enqueue("hello"u8, cancellation);
/// </code>
/// </example>
public sealed class Publisher : IPublisher
{
    private readonly FacePublisher native;
    private readonly EndpointState state;

    /// <inheritdoc cref="IQueueFactory.CreatePublisher"/>
    public Publisher(QueueOptions options)
        : this(options, NullLoggerFactory.Instance)
    {
    }

    internal Publisher(QueueOptions options, ILoggerFactory loggers)
    {
        state = new EndpointState(options, loggers.CreateLogger<Publisher>(), nameof(Publisher));
        native = state.Open(FacePublisher.Open);
        native.SetSpin(EndpointState.ToNanoseconds(options.Spin));
        Capacity = native.Capacity();
        MaxMessageSize = native.MaxMessageSize();
        state.Opened(Capacity);
    }

    /// <summary>Gets the bytes that may wait in the queue; maybe more than was asked for.</summary>
    public long Capacity { get; }

    internal string QueueName => state.QueueName;

    /// <summary>
    /// Gets the size of the largest message that ever fits into the queue, in bytes. A larger one is an
    /// error.
    /// </summary>
    public long MaxMessageSize { get; }

    /// <inheritdoc/>
    public unsafe bool TryEnqueue(ReadOnlySpan<byte> message)
    {
        long result;
        fixed (byte* bytes = message)
        {
            result = native.TryEnqueue((nint)bytes, message.Length);
        }

        if (result == Result.Ok)
        {
            QueueMetrics.Enqueued(state.QueueName, message.Length);
            return true;
        }

        return Result.ErrorOf(result) switch
        {
            QueueError.ResourceExhausted => false,
            QueueError.InvalidArgument =>
                throw new ArgumentException(native.ErrorText(result), nameof(message)),
            _ => throw Failure(result),
        };
    }

    /// <summary>Enqueues a message. Waits for room.</summary>
    /// <param name="message">The bytes of the message, which are copied.</param>
    /// <param name="cancellation">Ends the wait; nothing is enqueued then.</param>
    /// <exception cref="ArgumentException">
    /// The message is larger than <see cref="MaxMessageSize"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The publisher was disposed, maybe meanwhile.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public void Enqueue(ReadOnlySpan<byte> message, CancellationToken cancellation = default) =>
        Enqueue(message, Timeout.InfiniteTimeSpan, cancellation);

    /// <summary>Enqueues a message. Waits for room, for a time.</summary>
    /// <param name="message">The bytes of the message, which are copied.</param>
    /// <param name="timeout">
    /// The longest wait, or <see cref="Timeout.InfiniteTimeSpan"/>. However short, it is tried once.
    /// </param>
    /// <param name="cancellation">Ends the wait; nothing is enqueued then.</param>
    /// <returns><see langword="false"/> if there was no room in time.</returns>
    /// <exception cref="ArgumentException">
    /// The message is larger than <see cref="MaxMessageSize"/>.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative <paramref name="timeout"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The publisher was disposed, maybe meanwhile.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public bool Enqueue(
        ReadOnlySpan<byte> message,
        TimeSpan timeout,
        CancellationToken cancellation = default)
    {
        using var limits = new WaitLimits(timeout, cancellation);
        return EnqueueWithin(limits, message, cancellation);
    }

    /// <summary>
    /// Enqueues messages in order until one finds no room. Each is a message of its own; the batch
    /// saves work between them and wakes subscribers once.
    /// </summary>
    /// <param name="messages">The messages, which are copied.</param>
    /// <returns>How many are in the queue: from the first on, 0 if it was full.</returns>
    /// <exception cref="ArgumentException">
    /// One of them is larger than <see cref="MaxMessageSize"/>; none was enqueued.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The publisher was disposed.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public int TryEnqueueBatch(ReadOnlySpan<ReadOnlyMemory<byte>> messages)
    {
        using var frames = Frames.Of(messages);
        return CountOf(TryEnqueueFrames(frames.Bytes, messages), nameof(messages));
    }

    /// <summary>
    /// Enqueues messages in order until one finds no room, like <see cref="TryEnqueueBatch"/>. Waits for
    /// the room of the first, for a time.
    /// </summary>
    /// <param name="messages">The messages, which are copied.</param>
    /// <param name="timeout">
    /// The longest wait, or <see cref="Timeout.InfiniteTimeSpan"/>. However short, it is tried once.
    /// </param>
    /// <param name="cancellation">Ends the wait; nothing is enqueued then.</param>
    /// <returns>How many are in the queue: from the first on, 0 if there was no room in time.</returns>
    /// <exception cref="ArgumentException">
    /// One of them is larger than <see cref="MaxMessageSize"/>; none was enqueued.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative <paramref name="timeout"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The publisher was disposed, maybe meanwhile.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public int EnqueueBatch(
        ReadOnlySpan<ReadOnlyMemory<byte>> messages,
        TimeSpan timeout,
        CancellationToken cancellation = default)
    {
        using var limits = new WaitLimits(timeout, cancellation);
        using var frames = Frames.Of(messages);
        int enqueued = CountOf(TryEnqueueFrames(frames.Bytes, messages), nameof(messages));
        if (enqueued > 0 || messages.IsEmpty || !EnqueueWithin(limits, messages[0].Span, cancellation))
        {
            return enqueued;
        }

        // What is wrong after the first shows with the next call.
        ReadOnlySpan<byte> behindTheFirst = frames.Bytes.Slice(Frames.SizeOf(messages[0].Length));
        return 1 + (int)Math.Max(0, TryEnqueueFrames(behindTheFirst, messages.Slice(1)));
    }

    /// <summary>
    /// Reserves room for one message in the queue itself, if there is room now. Does not wait.
    /// </summary>
    /// <param name="size">The most bytes that the message will have.</param>
    /// <param name="reservation">To be filled and committed; in a <c>using</c> statement.</param>
    /// <returns><see langword="false"/> if the queue is full.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="size"/> is negative, or larger than <see cref="MaxMessageSize"/>.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The publisher was disposed.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public unsafe bool TryReserve(int size, out Reservation reservation)
    {
        long* place = stackalloc long[2];
        return HandOut(native.TryReserve(size, (nint)place), place, size, default, out reservation);
    }

    /// <summary>Reserves room for one message in the queue itself. Waits for it.</summary>
    /// <param name="size">The most bytes that the message will have.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>What is to be filled and committed; in a <c>using</c> statement.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="size"/> is negative, or larger than <see cref="MaxMessageSize"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The publisher was disposed, maybe meanwhile.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public Reservation Reserve(int size, CancellationToken cancellation = default)
    {
        _ = Reserve(size, Timeout.InfiniteTimeSpan, cancellation, out Reservation reservation);
        return reservation;
    }

    /// <summary>Reserves room for one message in the queue itself. Waits for it, for a time.</summary>
    /// <param name="size">The most bytes that the message will have.</param>
    /// <param name="timeout">The longest wait, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="reservation">To be filled and committed; in a <c>using</c> statement.</param>
    /// <returns><see langword="false"/> if there was no room in time.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="timeout"/> is negative, or <paramref name="size"/> is negative or larger than
    /// <see cref="MaxMessageSize"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The publisher was disposed, maybe meanwhile.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public unsafe bool Reserve(
        int size,
        TimeSpan timeout,
        CancellationToken cancellation,
        out Reservation reservation)
    {
        using var limits = new WaitLimits(timeout, cancellation);
        long* place = stackalloc long[2];
        long result = native.Reserve(size, (nint)place, limits.Nanoseconds, limits.Interrupt);
        return HandOut(result, place, size, cancellation, out reservation);
    }

    /// <summary>
    /// Leaves the queue. A call that waits in another thread ends with an
    /// <see cref="ObjectDisposedException"/>, and this returns when it has. Open reservations stay
    /// usable until they are disposed, but commit no more. Calling it again does nothing.
    /// </summary>
    public void Dispose()
    {
        if (state.BeginDispose())
        {
            // The native object itself goes with the finalizer, when no call can be on its way to it.
            native.Close();
        }
    }

    internal void Commit(long token, int size)
    {
        long result = native.Commit(token, size);
        if (result == Result.Ok)
        {
            QueueMetrics.Enqueued(state.QueueName, size);
            return;
        }

        throw Result.ErrorOf(result) switch
        {
            QueueError.InvalidArgument =>
                new ArgumentOutOfRangeException(nameof(size), size, native.ErrorText(result)),
            QueueError.FailedPrecondition when !state.IsDisposed =>
                new InvalidOperationException(native.ErrorText(result)),
            _ => Failure(result),
        };
    }

    internal void ThrowIfDisposed()
    {
        if (state.IsDisposed)
        {
            throw state.Disposed();
        }
    }

    internal void Abort(long token) => native.Abort(token);

    private unsafe bool EnqueueWithin(
        in WaitLimits limits,
        ReadOnlySpan<byte> message,
        CancellationToken cancellation)
    {
        long result;
        fixed (byte* bytes = message)
        {
            result = native.Enqueue((nint)bytes, message.Length, limits.Nanoseconds, limits.Interrupt);
        }

        if (result == Result.Ok)
        {
            QueueMetrics.Enqueued(state.QueueName, message.Length);
            return true;
        }

        return Result.ErrorOf(result) switch
        {
            QueueError.DeadlineExceeded => false,
            QueueError.InvalidArgument =>
                throw new ArgumentException(native.ErrorText(result), nameof(message)),
            _ => throw Failure(result, cancellation),
        };
    }

    private unsafe long TryEnqueueFrames(
        ReadOnlySpan<byte> frames,
        ReadOnlySpan<ReadOnlyMemory<byte>> messages)
    {
        long result;
        fixed (byte* bytes = frames)
        {
            result = native.TryEnqueueBatch((nint)bytes, frames.Length, messages.Length);
        }

        for (int i = 0; QueueMetrics.Enabled && i < result; ++i)
        {
            QueueMetrics.Enqueued(state.QueueName, messages[i].Length);
        }

        return result;
    }

    private int CountOf(long result, string parameter)
    {
        if (result >= 0)
        {
            return (int)result;
        }

        throw Result.ErrorOf(result) == QueueError.InvalidArgument
            ? new ArgumentException(native.ErrorText(result), parameter)
            : Failure(result);
    }

    private unsafe bool HandOut(
        long result,
        long* place,
        int size,
        CancellationToken cancellation,
        out Reservation reservation)
    {
        if (result >= 0)
        {
            reservation = new Reservation(this, place[1], new Span<byte>((void*)place[0], size));
            return true;
        }

        reservation = default;
        return Result.ErrorOf(result) switch
        {
            QueueError.ResourceExhausted or QueueError.DeadlineExceeded => false,
            QueueError.InvalidArgument =>
                throw new ArgumentOutOfRangeException(nameof(size), size, native.ErrorText(result)),
            _ => throw Failure(result, cancellation),
        };
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Exception Failure(long result, CancellationToken cancellation = default) =>
        state.Failure(Result.ErrorOf(result), native.ErrorText(result), cancellation);
}
