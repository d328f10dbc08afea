// SPDX-License-Identifier: MIT

using System;
using System.Threading;

namespace Interprocess;

/// <content>Messages in place, and several at a time.</content>
public sealed partial class Subscriber
{
    // The largest number of messages that one call of the native library lends for a batch.
    private const int BorrowedAtATime = 32;

    // Address, token, position and result of each (bindings/face/subscriber.h).
    private const int Numbers = 4;

    /// <summary>Lends the next message, in place, if there is one now. Does not wait.</summary>
    /// <param name="message">The message, for a <c>using</c> statement. Acknowledge it.</param>
    /// <returns><see langword="false"/> if the queue is empty.</returns>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public unsafe bool TryBorrow(out BorrowedMessage message)
    {
        long* lent = stackalloc long[3];
        return HandOut(face.TryBorrow((nint)lent), lent, default, out message);
    }

    /// <summary>Lends the next message, in place. Waits for one.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The message, for a <c>using</c> statement. Acknowledge it.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">
    /// The subscriber was disposed, before the call or during it.
    /// </exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public BorrowedMessage Borrow(CancellationToken cancellation = default)
    {
        _ = Borrow(Timeout.InfiniteTimeSpan, cancellation, out BorrowedMessage message);
        return message;
    }

    /// <summary>Lends the next message, in place. Waits for one, for a time.</summary>
    /// <param name="timeout">The longest wait, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="message">The message, for a <c>using</c> statement. Acknowledge it.</param>
    /// <returns><see langword="false"/> if none came in time.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="timeout"/> is negative.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">
    /// The subscriber was disposed, before the call or during it.
    /// </exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public unsafe bool Borrow(
        TimeSpan timeout,
        CancellationToken cancellation,
        out BorrowedMessage message)
    {
        using var limits = new WaitLimits(timeout, cancellation);
        long* lent = stackalloc long[3];
        long result = face.Borrow((nint)lent, limits.Nanoseconds, limits.Interrupt);
        return HandOut(result, lent, cancellation, out message);
    }

    /// <summary>
    /// Hands the messages that are there now to a handler, one after the other, in place. Each
    /// leaves the queue when the handler returns. If the handler throws, its message and those
    /// behind it are given back.
    /// </summary>
    /// <param name="max">The largest number of messages to take.</param>
    /// <param name="handler">Receives each message. It may dispose this subscriber.</param>
    /// <returns>
    /// The number of messages that the handler received; 0 if the queue is empty.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="handler"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="max"/> is negative.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public unsafe int TryDequeueBatch(int max, MessageHandler handler)
    {
        CheckBatch(max, handler);
        long* lent = stackalloc long[Numbers * BorrowedAtATime];
        return TakeBatch(lent, 0, max, handler);
    }

    /// <summary>
    /// Hands messages to a handler as <see cref="TryDequeueBatch"/> does. Waits for the first one,
    /// for a time.
    /// </summary>
    /// <param name="max">The largest number of messages to take.</param>
    /// <param name="handler">Receives each message. It may dispose this subscriber.</param>
    /// <param name="timeout">
    /// The longest wait, or <see cref="Timeout.InfiniteTimeSpan"/>. The call tries once, however
    /// short it is.
    /// </param>
    /// <param name="cancellation">Ends the wait; the call takes nothing then.</param>
    /// <returns>The number of messages that the handler received; 0 if none came in time.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="handler"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="max"/> or <paramref name="timeout"/> is negative.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">
    /// The subscriber was disposed, before the call or during it.
    /// </exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public unsafe int DequeueBatch(
        int max,
        MessageHandler handler,
        TimeSpan timeout,
        CancellationToken cancellation = default)
    {
        CheckBatch(max, handler);
        using var limits = new WaitLimits(timeout, cancellation);
        if (max == 0)
        {
            return 0;
        }

        long* lent = stackalloc long[Numbers * BorrowedAtATime];
        long first = face.Borrow((nint)lent, limits.Nanoseconds, limits.Interrupt);
        if (first < 0)
        {
            return IsEmpty(first) ? 0 : throw Failure(first, cancellation);
        }

        lent[3] = first;
        HandOver(lent, 1, handler);
        return TakeBatch(lent, 1, max, handler);
    }

    internal void Acknowledge(long token, in MessageInfo info)
    {
        long result = face.Acknowledge(token);
        if (result < 0)
        {
            throw Result.ErrorOf(result) == QueueError.FailedPrecondition
                ? new InvalidOperationException(face.ErrorText(result))
                : Failure(result);
        }

        QueueMetrics.Dequeued(state.QueueName, info.Size, info.Redelivered);
    }

    internal void GiveBack(long token) => face.GiveBack(token);

    private static void CheckBatch(int max, MessageHandler handler)
    {
        if (handler is null)
        {
            throw new ArgumentNullException(nameof(handler));
        }

        if (max < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(max), max, "The number of messages is at least 0.");
        }
    }

    private static bool IsEmpty(long result) =>
        Result.ErrorOf(result) is QueueError.Unavailable or QueueError.DeadlineExceeded;

    /// <summary>
    /// Hands over the messages that are there, after <paramref name="taken"/> others. Returns the
    /// number of all of them.
    /// </summary>
    private unsafe int TakeBatch(long* lent, int taken, int max, MessageHandler handler)
    {
        while (taken < max)
        {
            // The queue may have more messages than one call lends: the Cloudtoid protocols lend
            // one.
            long count = face.TryBorrowBatch((nint)lent, Math.Min(max - taken, BorrowedAtATime));
            if (count < 0)
            {
                // Messages that the handler has received count, even if the next ones cannot be
                // had.
                return IsEmpty(count) || taken > 0 ? taken : throw Failure(count);
            }

            HandOver(lent, (int)count, handler);
            taken += (int)count;
        }

        return taken;
    }

    private unsafe void HandOver(long* lent, int count, MessageHandler handler)
    {
        int next = 0;
        try
        {
            for (; next < count; ++next)
            {
                long* one = lent + (Numbers * next);
                MessageInfo info = Result.InfoOf(one[3], one[2]);
                if (info.Size > int.MaxValue)
                {
                    throw LargerThanASpan(info);
                }

                handler(new ReadOnlySpan<byte>((void*)one[0], (int)info.Size), info);
                Acknowledge(one[1], info);
            }
        }
        finally
        {
            for (; next < count; ++next)
            {
                face.GiveBack(lent[(Numbers * next) + 1]);
            }
        }
    }

    private unsafe bool HandOut(
        long result,
        long* lent,
        CancellationToken cancellation,
        out BorrowedMessage message)
    {
        message = default;
        if (result < 0)
        {
            return IsEmpty(result) ? false : throw Failure(result, cancellation);
        }

        MessageInfo info = Result.InfoOf(result, lent[2]);
        if (info.Size > int.MaxValue)
        {
            face.GiveBack(lent[1]);
            throw LargerThanASpan(info);
        }

        var bytes = new ReadOnlySpan<byte>((void*)lent[0], (int)info.Size);
        message = new BorrowedMessage(this, lent[1], bytes, info);
        return true;
    }

    private QueueException LargerThanASpan(in MessageInfo info) => new(
        QueueError.OutOfRange,
        $"The next message of queue '{state.QueueName}' has {info.Size} bytes, more than a span can show."
        + " It stays in the queue.");
}
