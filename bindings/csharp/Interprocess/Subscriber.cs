// SPDX-License-Identifier: MIT

using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Interprocess.Interop;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Interprocess;

/// <summary>Takes messages from a queue.</summary>
/// <remarks>
/// Thread-safe. Threads that share a subscriber take turns, so a program that takes much in several
/// threads opens one for each thread. If a subscriber dies while it holds a message, another one
/// gets it, marked redelivered. A call that takes a message into a buffer of the caller, or finds
/// none, allocates nothing.
/// <para>
/// If something deletes or moves the queue's file (systemd's RemoveIPC, tmpfiles, a person), others
/// who open the name get another queue. Within a second every call of this endpoint, also one that
/// waits, throws a <see cref="QueueException"/> with <see cref="QueueError.FailedPrecondition"/> that
/// names the path, and so do all later calls. A caller that slows down suddenly may make up to 16
/// more calls first. Borrowed messages can still be acknowledged. <see cref="DrainNameless"/> gives
/// what is left. Then dispose this and open another.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// using var subscriber = new Subscriber(new QueueOptions("greetings", 1024 * 1024));
/// ReadOnlyMemory&lt;byte&gt; message = subscriber.Dequeue(cancellation);
/// </code>
/// </example>
public sealed partial class Subscriber : ISubscriber
{
    private readonly FaceSubscriber face;
    private readonly EndpointState state;

    /// <inheritdoc cref="IQueueFactory.CreateSubscriber"/>
    public Subscriber(QueueOptions options)
        : this(options, NullLoggerFactory.Instance)
    {
    }

    internal Subscriber(QueueOptions options, ILoggerFactory loggers)
    {
        state = new EndpointState(options, loggers.CreateLogger<Subscriber>(), nameof(Subscriber));
        face = state.Open(FaceSubscriber.Open);
        face.SetSpin(EndpointState.ToNanoseconds(options.Spin));
        Capacity = face.Capacity();
        MaxMessageSize = face.MaxMessageSize();
        state.Opened(Capacity);
    }

    /// <summary>
    /// Gets the bytes that may wait in the queue: at least the capacity of the options.
    /// </summary>
    public long Capacity { get; }

    /// <summary>
    /// Gets the size of the largest message that ever fits into the queue, in bytes.
    /// </summary>
    public long MaxMessageSize { get; }

    /// <summary>
    /// Takes the next message into a buffer, if there is one now and the buffer has room for all of
    /// it. Does not wait.
    /// </summary>
    /// <param name="buffer">Receives the message, in its first bytes.</param>
    /// <param name="info">
    /// Size, earlier deliveries and position of the message. If the buffer is too small, only the size is
    /// set.
    /// </param>
    /// <returns>Whether the call took the message, and if not, why.</returns>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public DequeueStatus TryDequeueInto(Span<byte> buffer, out MessageInfo info) =>
        StatusOf(TryTake(buffer, out long position), position, default, out info);

    /// <summary>
    /// Takes the next message into a buffer, if the buffer has room for all of it. Waits for a
    /// message, for a time.
    /// </summary>
    /// <param name="buffer">Receives the message, in its first bytes.</param>
    /// <param name="timeout">
    /// The longest wait, or <see cref="Timeout.InfiniteTimeSpan"/>. The call tries once, however
    /// short it is.
    /// </param>
    /// <param name="cancellation">Ends the wait; the call takes nothing then.</param>
    /// <param name="info">
    /// Size, earlier deliveries and position of the message. If the buffer is too small, only the size is
    /// set.
    /// </param>
    /// <returns>Whether the call took the message, and if not, why.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="timeout"/> is negative.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">
    /// The subscriber was disposed, before the call or during it.
    /// </exception>
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
            long position;
            long result = face.Dequeue(
                (nint)bytes, buffer.Length, limits.Nanoseconds, limits.Interrupt, (nint)(&position));
            return StatusOf(result, position, cancellation, out info);
        }
    }

    /// <summary>Takes the next message into a new array. Waits for one, for a time.</summary>
    /// <param name="timeout">
    /// The longest wait, or <see cref="Timeout.InfiniteTimeSpan"/>. The call tries once, however
    /// short it is.
    /// </param>
    /// <param name="cancellation">Ends the wait; the call takes nothing then.</param>
    /// <param name="message">The message; empty if none came.</param>
    /// <returns><see langword="false"/> if none came in time.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="timeout"/> is negative.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">
    /// The subscriber was disposed, before the call or during it.
    /// </exception>
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
    /// For a queue that has lost its name: from now on the calls take what is left in its file. A call
    /// that does not wait finds nothing when nothing is left; one that waits then throws, because
    /// nothing more comes. Does not wait.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed.</exception>
    /// <exception cref="QueueException">
    /// <see cref="QueueError.FailedPrecondition"/>: the name is there, or was removed
    /// by <c>ipq rm</c>.
    /// </exception>
    public void DrainNameless()
    {
        long result = face.DrainNameless();
        if (result < 0)
        {
            throw Failure(result);
        }
    }

    /// <summary>
    /// About how many messages wait in the queue, in a few reads whatever its capacity. Counts the
    /// messages from the first that no subscriber has taken to the last that a publisher has
    /// reserved: messages that are still being written or were aborted are in it, messages that were
    /// given back are not. Other endpoints may change the number at any time.
    /// </summary>
    /// <returns>The number of messages.</returns>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed.</exception>
    /// <exception cref="QueueException">
    /// <see cref="QueueError.Unimplemented"/>: only the native protocol tells.
    /// </exception>
    public long ApproximateDepth()
    {
        long depth = face.ApproximateDepth();
        return depth >= 0 ? depth : throw Failure(depth);
    }

    /// <summary>What this subscriber has counted since it was opened.</summary>
    /// <returns>The numbers as they are now.</returns>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed.</exception>
    public EndpointCounters Counters()
    {
        using var counters = new FaceCounters();
        long result = face.Counters(counters);
        return result == Result.Ok ? new EndpointCounters(counters) : throw Failure(result);
    }

    /// <summary>
    /// Leaves the queue as <see cref="Dispose"/> does, and throws if the queue, though nobody uses
    /// it any more, could not be removed. Calling it again, or after <see cref="Dispose"/>, does
    /// nothing.
    /// </summary>
    /// <exception cref="QueueException">
    /// The subscriber has left, but what the last one removes stays:
    /// <see cref="QueueError.PermissionDenied"/> (the process has lost the right to remove it),
    /// <see cref="QueueError.Unavailable"/> (another process holds the directory's lock for more
    /// than 200 ms), or <see cref="QueueError.FailedPrecondition"/> (something in this process has
    /// closed the library's handles).
    /// </exception>
    public void Close()
    {
        if (CloseOnce() is { } notRemoved)
        {
            throw notRemoved;
        }
    }

    /// <summary>
    /// Leaves the queue. Calls that wait in other threads end with an
    /// <see cref="ObjectDisposedException"/>, and this returns after them. Borrowed messages stay
    /// readable and can be acknowledged until they are disposed. Calling it again does nothing. An
    /// error of the removal is logged; <see cref="Close"/> throws it.
    /// </summary>
    public void Dispose() => CloseOnce();

    /// <summary>Leaves the queue, in the first call; returns what could not be removed.</summary>
    private QueueException? CloseOnce()
    {
        if (!state.BeginDispose())
        {
            return null;
        }

        EndReads();

        // The finalizer frees the native object: a call of another thread may still be about to use
        // it.
        return state.NotRemoved(face.Close(), face.ErrorText);
    }

    /// <summary>
    /// Takes the next message, if there is one. Returns the result of the native call.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe long TryTake(Span<byte> buffer, out long position)
    {
        fixed (byte* bytes = buffer)
        {
            long taken;
            long result = face.TryDequeue((nint)bytes, buffer.Length, (nint)(&taken));
            position = taken;
            return result;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CountTaken(long result) => QueueMetrics.Dequeued(
        state.QueueName, Result.SizeOf(result), Result.IsRedelivered(result));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private DequeueStatus StatusOf(
        long result,
        long position,
        CancellationToken cancellation,
        out MessageInfo info)
    {
        if (result < 0)
        {
            return StatusOfError(result, cancellation, out info);
        }

        info = Result.InfoOf(result, position);
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
                info = new MessageInfo(Result.SizeNeeded(result), 0, false, 0);
                return DequeueStatus.BufferTooSmall;
            default:
                throw Failure(result, cancellation);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Exception Failure(long result, CancellationToken cancellation = default) =>
        state.Failure(Result.ErrorOf(result), face.ErrorText(result), cancellation);
}
