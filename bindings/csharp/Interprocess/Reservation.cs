// SPDX-License-Identifier: MIT

using System;

namespace Interprocess;

/// <summary>
/// Room for one message in the queue itself. The caller fills it and commits it. Until then no
/// subscriber sees the message, and after about a millisecond later messages overtake it.
/// </summary>
/// <remarks>
/// Disposing it without a commit gives the room back. The room stays taken until then, and
/// publishers wait when the ring has come round to it, so do not hold a reservation for long. Only
/// the thread that reserved it may use it; <see cref="Detach"/> lets it leave that thread. The span
/// must not be used after <see cref="Commit()"/>, <see cref="Abort"/> or <see cref="Dispose"/>.
/// </remarks>
public ref struct Reservation
{
    private readonly Publisher publisher;
    private readonly Span<byte> span;
    private readonly long token;
    private bool done;

    internal Reservation(Publisher publisher, long token, Span<byte> span)
    {
        this.publisher = publisher;
        this.token = token;
        this.span = span;
    }

    /// <summary>
    /// Gets the reserved bytes. Until they are written they hold what an earlier message left
    /// there. Their address is a multiple of 8; above 48 bytes, of 64. Empty once the reservation
    /// was committed or given back.
    /// </summary>
    public readonly Span<byte> Span => done ? default : span;

    /// <summary>Makes all the room one message, and enqueues it.</summary>
    /// <exception cref="InvalidOperationException">
    /// The reservation was committed or given back before.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The publisher was disposed.</exception>
    public void Commit() => Commit(span.Length);

    /// <summary>Makes the first bytes of the room a message, and enqueues it.</summary>
    /// <param name="size">The size of the message in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="size"/> is negative or larger than the room. The reservation stays open.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The reservation was committed or given back before.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The publisher was disposed.</exception>
    public void Commit(int size)
    {
        if (publisher is null)
        {
            throw new InvalidOperationException("There is no reservation.");
        }

        publisher.Commit(token, size);
        done = true;
    }

    /// <summary>
    /// Gives the room back. Does nothing if the reservation was committed or given back before.
    /// </summary>
    public void Abort()
    {
        if (!done)
        {
            done = true;
            publisher?.Abort(token);
        }
    }

    /// <summary>
    /// Lets the reservation leave the stack and this thread. Disposing this does nothing afterwards.
    /// </summary>
    /// <returns>The reservation, to be filled and committed by any thread.</returns>
    /// <exception cref="InvalidOperationException">
    /// It was committed, aborted or detached before.
    /// </exception>
    public unsafe DetachedReservation Detach()
    {
        if (done || publisher is null)
        {
            throw new InvalidOperationException("There is no reservation.");
        }

        done = true;
        fixed (byte* address = span)
        {
            return new DetachedReservation(publisher, token, (nint)address, span.Length);
        }
    }

    /// <summary>Does what <see cref="Abort"/> does.</summary>
    public void Dispose() => Abort();
}
