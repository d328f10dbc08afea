// SPDX-License-Identifier: MIT

using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Interprocess.Interop;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Interprocess;

/// <summary>Puts messages into a queue.</summary>
/// <remarks>
/// Thread-safe. Threads that share a publisher take turns, so a program that publishes much from
/// several threads opens one for each thread. Messages that one publisher enqueues one after the
/// other are delivered in that order. A call that neither waits nor fails allocates nothing. If the
/// queue's file is deleted or moved while it is in use, calls throw as those of a
/// <see cref="Subscriber"/> do.
/// </remarks>
/// <example>
/// <code>
/// using var publisher = new Publisher(new QueueOptions("greetings", 1024 * 1024));
/// publisher.Enqueue("hello"u8, cancellation);
/// </code>
/// </example>
public sealed partial class Publisher : IPublisher
{
    private readonly FacePublisher face;
    private readonly EndpointState state;

    /// <inheritdoc cref="IQueueFactory.CreatePublisher"/>
    public Publisher(QueueOptions options)
        : this(options, NullLoggerFactory.Instance)
    {
    }

    internal Publisher(QueueOptions options, ILoggerFactory loggers)
    {
        state = new EndpointState(options, loggers.CreateLogger<Publisher>(), nameof(Publisher));
        face = state.Open(FacePublisher.Open);
        face.SetSpin(EndpointState.ToNanoseconds(options.Spin));
        Capacity = face.Capacity();
        MaxMessageSize = face.MaxMessageSize();
        state.Opened(Capacity);
    }

    /// <summary>
    /// Gets the bytes that may wait in the queue: at least the capacity of the options.
    /// </summary>
    public long Capacity { get; }

    internal string QueueName => state.QueueName;

    /// <summary>
    /// Gets the size of the largest message that ever fits into the queue, in bytes. A larger one
    /// is an error.
    /// </summary>
    public long MaxMessageSize { get; }

    /// <inheritdoc/>
    public unsafe bool TryEnqueue(ReadOnlySpan<byte> message)
    {
        long result;
        fixed (byte* bytes = message)
        {
            result = face.TryEnqueue((nint)bytes, message.Length);
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
                throw new ArgumentException(face.ErrorText(result), nameof(message)),
            _ => throw Failure(result),
        };
    }

    /// <summary>Enqueues a message. Waits for room.</summary>
    /// <param name="message">The bytes of the message, which are copied.</param>
    /// <param name="cancellation">Ends the wait; the call enqueues nothing then.</param>
    /// <exception cref="ArgumentException">
    /// The message is larger than <see cref="MaxMessageSize"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">
    /// The publisher was disposed, before the call or during it.
    /// </exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public void Enqueue(ReadOnlySpan<byte> message, CancellationToken cancellation = default) =>
        Enqueue(message, Timeout.InfiniteTimeSpan, cancellation);

    /// <summary>Enqueues a message. Waits for room, for a time.</summary>
    /// <param name="message">The bytes of the message, which are copied.</param>
    /// <param name="timeout">
    /// The longest wait, or <see cref="Timeout.InfiniteTimeSpan"/>. The call tries once, however
    /// short it is.
    /// </param>
    /// <param name="cancellation">Ends the wait; the call enqueues nothing then.</param>
    /// <returns><see langword="false"/> if there was no room in time.</returns>
    /// <exception cref="ArgumentException">
    /// The message is larger than <see cref="MaxMessageSize"/>.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="timeout"/> is negative.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">
    /// The publisher was disposed, before the call or during it.
    /// </exception>
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
    /// Enqueues messages in order until one finds no room. Each stays a message of its own; the
    /// batch saves work between them and wakes subscribers once.
    /// </summary>
    /// <param name="messages">The messages, which are copied.</param>
    /// <returns>
    /// The number of messages that the call enqueued, from the first on; 0 if the queue was full.
    /// </returns>
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
    /// Enqueues messages in order until one finds no room, as <see cref="TryEnqueueBatch"/> does.
    /// Waits until the first one has room, for a time.
    /// </summary>
    /// <param name="messages">The messages, which are copied.</param>
    /// <param name="timeout">
    /// The longest wait, or <see cref="Timeout.InfiniteTimeSpan"/>. The call tries once, however
    /// short it is.
    /// </param>
    /// <param name="cancellation">Ends the wait; the call enqueues nothing then.</param>
    /// <returns>
    /// The number of messages that the call enqueued, from the first on; 0 if there was no room in
    /// time.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// One of them is larger than <see cref="MaxMessageSize"/>; none was enqueued.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="timeout"/> is negative.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">
    /// The publisher was disposed, before the call or during it.
    /// </exception>
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

        // The first message is enqueued, so an error of a later one shows with the next call.
        ReadOnlySpan<byte> behindTheFirst = frames.Bytes.Slice(Frames.SizeOf(messages[0].Length));
        return 1 + (int)Math.Max(0, TryEnqueueFrames(behindTheFirst, messages.Slice(1)));
    }

    /// <summary>
    /// About how many messages wait in the queue, in a few reads whatever its capacity. Counts the
    /// messages from the first that no subscriber has taken to the last that a publisher has
    /// reserved: messages that are still being written or were aborted are in it, messages that were
    /// given back are not. Other endpoints may change the number at any time.
    /// </summary>
    /// <returns>The number of messages.</returns>
    /// <exception cref="ObjectDisposedException">The publisher was disposed.</exception>
    /// <exception cref="QueueException">
    /// <see cref="QueueError.Unimplemented"/>: only the native protocol tells.
    /// </exception>
    public long ApproximateDepth()
    {
        long depth = face.ApproximateDepth();
        return depth >= 0 ? depth : throw Failure(depth);
    }

    /// <summary>What this publisher has counted since it was opened.</summary>
    /// <returns>The numbers as they are now.</returns>
    /// <exception cref="ObjectDisposedException">The publisher was disposed.</exception>
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
    /// The publisher has left, but what the last one removes stays:
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
    /// <see cref="ObjectDisposedException"/>, and this returns after them. Open reservations stay
    /// writable until they are disposed, but can no longer be committed. Calling it again does
    /// nothing. An error of the removal is logged; <see cref="Close"/> throws it.
    /// </summary>
    public void Dispose() => CloseOnce();

    /// <summary>Leaves the queue, in the first call; returns what could not be removed.</summary>
    private QueueException? CloseOnce()
    {
        if (!state.BeginDispose())
        {
            return null;
        }

        // The finalizer frees the native object: a call of another thread may still be about to use
        // it.
        return state.NotRemoved(face.Close(), face.ErrorText);
    }

    internal void ThrowIfDisposed()
    {
        if (state.IsDisposed)
        {
            throw state.Disposed();
        }
    }

    private unsafe bool EnqueueWithin(
        in WaitLimits limits,
        ReadOnlySpan<byte> message,
        CancellationToken cancellation)
    {
        long result;
        fixed (byte* bytes = message)
        {
            result = face.Enqueue((nint)bytes, message.Length, limits.Nanoseconds, limits.Interrupt);
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
                throw new ArgumentException(face.ErrorText(result), nameof(message)),
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
            result = face.TryEnqueueBatch((nint)bytes, frames.Length, messages.Length);
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
            ? new ArgumentException(face.ErrorText(result), parameter)
            : Failure(result);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Exception Failure(long result, CancellationToken cancellation = default) =>
        state.Failure(Result.ErrorOf(result), face.ErrorText(result), cancellation);
}
