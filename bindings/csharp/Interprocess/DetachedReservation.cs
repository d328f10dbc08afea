// SPDX-License-Identifier: MIT

using System;
using System.Threading;

namespace Interprocess;

/// <summary>
/// A reservation that may leave the stack and the thread that reserved it: one thread reserves, a
/// pool fills and commits. <see cref="Reservation.Detach"/> makes it.
/// </summary>
/// <remarks>
/// Any thread may use it, one at a time. Disposing it without a commit gives the room back. One that
/// is forgotten stays reserved until its publisher is collected. The span must not be used after
/// <see cref="Commit"/>, <see cref="Abort"/> or <see cref="Dispose"/>.
/// </remarks>
public sealed class DetachedReservation : IDisposable
{
    private readonly Publisher publisher;
    private readonly nint address;
    private readonly int size;
    private readonly long token;
    private int done;

    internal DetachedReservation(Publisher publisher, long token, nint address, int size)
    {
        this.publisher = publisher;
        this.token = token;
        this.address = address;
        this.size = size;
    }

    /// <summary>Gets the reserved bytes; empty once the reservation was committed or aborted.</summary>
    public unsafe Span<byte> Span =>
        Volatile.Read(ref done) != 0 ? default : new Span<byte>((void*)address, size);

    /// <summary>Makes the first bytes a message.</summary>
    /// <param name="count">How many of them.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// More than was reserved; the reservation stays open.
    /// </exception>
    /// <exception cref="InvalidOperationException">It was committed or aborted before.</exception>
    /// <exception cref="ObjectDisposedException">The publisher was disposed meanwhile.</exception>
    public void Commit(int count)
    {
        publisher.Commit(token, count);
        Volatile.Write(ref done, 1);
    }

    /// <summary>Gives the room back. Does nothing if it was committed or aborted before.</summary>
    public void Abort()
    {
        if (Interlocked.Exchange(ref done, 1) == 0)
        {
            publisher.Abort(token);
        }
    }

    /// <summary>Does what <see cref="Abort"/> does.</summary>
    public void Dispose() => Abort();
}
