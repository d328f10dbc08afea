using System;
using System.Threading;

namespace Interprocess;

/// <content>Messages in place, and several at a time.</content>
public sealed partial class Subscriber
{
    // Of messages that one native call lends for a batch.
    private const int BorrowedAtATime = 32;

    /// <summary>Lends the next message, in place, if there is one now. Does not wait.</summary>
    /// <param name="message">To be acknowledged; in a <c>using</c> statement.</param>
    /// <returns><see langword="false"/> if the queue is empty.</returns>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public unsafe bool TryBorrow(out BorrowedMessage message)
    {
        long* place = stackalloc long[2];
        return HandOut(native.TryBorrow((nint)place), place, default, out message);
    }

    /// <summary>Lends the next message, in place. Waits for one.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>What is to be acknowledged; in a <c>using</c> statement.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed, maybe meanwhile.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public BorrowedMessage Borrow(CancellationToken cancellation = default)
    {
        _ = Borrow(Timeout.InfiniteTimeSpan, cancellation, out BorrowedMessage message);
        return message;
    }

    /// <summary>Lends the next message, in place. Waits for one, for a time.</summary>
    /// <param name="timeout">The longest wait, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="message">To be acknowledged; in a <c>using</c> statement.</param>
    /// <returns><see langword="false"/> if none came in time.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative <paramref name="timeout"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed, maybe meanwhile.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public unsafe bool Borrow(
        TimeSpan timeout,
        CancellationToken cancellation,
        out BorrowedMessage message)
    {
        using var limits = new WaitLimits(timeout, cancellation);
        long* place = stackalloc long[2];
        long result = native.Borrow((nint)place, limits.Nanoseconds, limits.Interrupt);
        return HandOut(result, place, cancellation, out message);
    }

    /// <summary>
    /// Hands messages that are there now to a handler, one after the other, in place. Each is taken
    /// off the queue when the handler returns; if it throws, that message and those behind it are
    /// given back.
    /// </summary>
    /// <param name="max">The most messages to take.</param>
    /// <param name="handler">Gets each. It may dispose this subscriber.</param>
    /// <returns>How many there were, 0 if the queue is empty.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="handler"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative <paramref name="max"/>.</exception>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public unsafe int TryDequeueBatch(int max, MessageHandler handler)
    {
        CheckBatch(max, handler);
        long* places = stackalloc long[3 * BorrowedAtATime];
        return TakeBatch(places, 0, max, handler);
    }

    /// <summary>
    /// Hands messages to a handler as <see cref="TryDequeueBatch"/> does. Waits for the first one, for a
    /// time.
    /// </summary>
    /// <param name="max">The most messages to take.</param>
    /// <param name="handler">Gets each. It may dispose this subscriber.</param>
    /// <param name="timeout">
    /// The longest wait, or <see cref="Timeout.InfiniteTimeSpan"/>. However short, it is tried once.
    /// </param>
    /// <param name="cancellation">Ends the wait; nothing is taken then.</param>
    /// <returns>How many there were, 0 if none came in time.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="handler"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A negative <paramref name="max"/> or <paramref name="timeout"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed, maybe meanwhile.</exception>
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

        long* places = stackalloc long[3 * BorrowedAtATime];
        long first = native.Borrow((nint)places, limits.Nanoseconds, limits.Interrupt);
        if (first < 0)
        {
            return IsEmpty(first) ? 0 : throw Failure(first, cancellation);
        }

        places[2] = first;
        HandOver(places, 1, handler);
        return TakeBatch(places, 1, max, handler);
    }

    internal void Acknowledge(long token, in MessageInfo info)
    {
        long result = native.Acknowledge(token);
        if (result < 0)
        {
            throw Result.ErrorOf(result) == QueueError.FailedPrecondition
                ? new InvalidOperationException(native.ErrorText(result))
                : Failure(result);
        }

        QueueMetrics.Dequeued(state.QueueName, info.Size, info.Redelivered);
    }

    internal void GiveBack(long token) => native.GiveBack(token);

    private static void CheckBatch(int max, MessageHandler handler)
    {
        if (handler is null)
        {
            throw new ArgumentNullException(nameof(handler));
        }

        if (max < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(max), max, "A batch has no less than 0 messages.");
        }
    }

    private static bool IsEmpty(long result) =>
        Result.ErrorOf(result) is QueueError.Unavailable or QueueError.DeadlineExceeded;

    /// <summary>Takes what is there, after <paramref name="taken"/> messages: how many in all.</summary>
    private unsafe int TakeBatch(long* places, int taken, int max, MessageHandler handler)
    {
        while (taken < max)
        {
            // Less than wanted is not all that there is: the Cloudtoid protocols lend one at a time.
            long lent = native.TryBorrowBatch((nint)places, Math.Min(max - taken, BorrowedAtATime));
            if (lent < 0)
            {
                // What was handled before stays handled.
                return IsEmpty(lent) || taken > 0 ? taken : throw Failure(lent);
            }

            HandOver(places, (int)lent, handler);
            taken += (int)lent;
        }

        return taken;
    }

    private unsafe void HandOver(long* places, int count, MessageHandler handler)
    {
        int next = 0;
        try
        {
            for (; next < count; ++next)
            {
                long* place = places + (3 * next);
                MessageInfo info = Result.InfoOf(place[2]);
                if (info.Size > int.MaxValue)
                {
                    throw LargerThanASpan(info);
                }

                handler(new ReadOnlySpan<byte>((void*)place[0], (int)info.Size), info);
                Acknowledge(place[1], info);
            }
        }
        finally
        {
            for (; next < count; ++next)
            {
                native.GiveBack(places[(3 * next) + 1]);
            }
        }
    }

    private unsafe bool HandOut(
        long result,
        long* place,
        CancellationToken cancellation,
        out BorrowedMessage message)
    {
        message = default;
        if (result < 0)
        {
            return IsEmpty(result) ? false : throw Failure(result, cancellation);
        }

        MessageInfo info = Result.InfoOf(result);
        if (info.Size > int.MaxValue)
        {
            native.GiveBack(place[1]);
            throw LargerThanASpan(info);
        }

        var bytes = new ReadOnlySpan<byte>((void*)place[0], (int)info.Size);
        message = new BorrowedMessage(this, place[1], bytes, info);
        return true;
    }

    private QueueException LargerThanASpan(in MessageInfo info) => new(
        QueueError.OutOfRange,
        $"The next message of queue '{state.QueueName}' has {info.Size} bytes, more than a span can show."
        + " It stays in the queue.");
}
