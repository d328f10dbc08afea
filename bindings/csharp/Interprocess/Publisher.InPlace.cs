// SPDX-License-Identifier: MIT

using System;
using System.Threading;

namespace Interprocess;

/// <content>Messages that are filled in the queue itself.</content>
public sealed partial class Publisher
{
    /// <summary>
    /// Reserves room for one message in the queue itself, if there is room now. Does not wait.
    /// </summary>
    /// <param name="size">The size of the room, in bytes: the largest size of the message.</param>
    /// <param name="reservation">
    /// The room, for a <c>using</c> statement. Fill it and commit it.
    /// </param>
    /// <returns><see langword="false"/> if the queue is full.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="size"/> is negative, or larger than <see cref="MaxMessageSize"/>.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The publisher was disposed.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public unsafe bool TryReserve(int size, out Reservation reservation)
    {
        long* room = stackalloc long[2];
        return HandOut(face.TryReserve(size, (nint)room), room, size, default, out reservation);
    }

    /// <summary>Reserves room for one message in the queue itself. Waits for it.</summary>
    /// <param name="size">The size of the room, in bytes: the largest size of the message.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The room, for a <c>using</c> statement. Fill it and commit it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="size"/> is negative, or larger than <see cref="MaxMessageSize"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">
    /// The publisher was disposed, before the call or during it.
    /// </exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public Reservation Reserve(int size, CancellationToken cancellation = default)
    {
        _ = Reserve(size, Timeout.InfiniteTimeSpan, cancellation, out Reservation reservation);
        return reservation;
    }

    /// <summary>
    /// Reserves room for one message in the queue itself. Waits for it, for a time.
    /// </summary>
    /// <param name="size">The size of the room, in bytes: the largest size of the message.</param>
    /// <param name="timeout">The longest wait, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="reservation">
    /// The room, for a <c>using</c> statement. Fill it and commit it.
    /// </param>
    /// <returns><see langword="false"/> if there was no room in time.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="timeout"/> is negative, or <paramref name="size"/> is negative or larger than
    /// <see cref="MaxMessageSize"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">
    /// The publisher was disposed, before the call or during it.
    /// </exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public unsafe bool Reserve(
        int size,
        TimeSpan timeout,
        CancellationToken cancellation,
        out Reservation reservation)
    {
        using var limits = new WaitLimits(timeout, cancellation);
        long* room = stackalloc long[2];
        long result = face.Reserve(size, (nint)room, limits.Nanoseconds, limits.Interrupt);
        return HandOut(result, room, size, cancellation, out reservation);
    }

    internal void Commit(long token, int size)
    {
        long result = face.Commit(token, size);
        if (result == Result.Ok)
        {
            QueueMetrics.Enqueued(state.QueueName, size);
            return;
        }

        throw Result.ErrorOf(result) switch
        {
            QueueError.InvalidArgument =>
                new ArgumentOutOfRangeException(nameof(size), size, face.ErrorText(result)),
            QueueError.FailedPrecondition when !state.IsDisposed =>
                new InvalidOperationException(face.ErrorText(result)),
            _ => Failure(result),
        };
    }

    internal void Abort(long token) => face.Abort(token);

    private unsafe bool HandOut(
        long result,
        long* room,
        int size,
        CancellationToken cancellation,
        out Reservation reservation)
    {
        if (result >= 0)
        {
            reservation = new Reservation(this, room[1], new Span<byte>((void*)room[0], size));
            return true;
        }

        reservation = default;
        return Result.ErrorOf(result) switch
        {
            QueueError.ResourceExhausted or QueueError.DeadlineExceeded => false,
            QueueError.InvalidArgument =>
                throw new ArgumentOutOfRangeException(nameof(size), size, face.ErrorText(result)),
            _ => throw Failure(result, cancellation),
        };
    }
}
