using System;

namespace Interprocess;

/// <summary>
/// Room for one message, in the queue itself, to be filled and committed. Until then the message does
/// not exist for anybody; later messages pass it by after about a millisecond.
/// </summary>
/// <remarks>
/// Disposing it without a commit gives the room back. Its place in the ring stays taken until then,
/// so do not hold it for long. For the thread that reserved it; the span must not be used after
/// <see cref="Commit()"/>, <see cref="Abort"/> or <see cref="Dispose"/>.
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
    /// Gets the reserved bytes: what an earlier message left there, until they are written. At an
    /// address that is a multiple of 8, of 64 above 40 bytes. Empty when the reservation is done with.
    /// </summary>
    public readonly Span<byte> Span => done ? default : span;

    /// <summary>Makes all that was reserved a message.</summary>
    /// <exception cref="InvalidOperationException">It is done with already.</exception>
    /// <exception cref="ObjectDisposedException">The publisher was disposed meanwhile.</exception>
    public void Commit() => Commit(span.Length);

    /// <summary>Makes the first bytes a message.</summary>
    /// <param name="size">How many of them.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// More than was reserved; the reservation stays open.
    /// </exception>
    /// <exception cref="InvalidOperationException">It is done with already.</exception>
    /// <exception cref="ObjectDisposedException">The publisher was disposed meanwhile.</exception>
    public void Commit(int size)
    {
        if (publisher is null)
        {
            throw new InvalidOperationException("There is no reservation.");
        }

        publisher.Commit(token, size);
        done = true;
    }

    /// <summary>Gives the room back. Does nothing when the reservation is done with.</summary>
    public void Abort()
    {
        if (!done)
        {
            done = true;
            publisher?.Abort(token);
        }
    }

    /// <summary>As <see cref="Abort"/>.</summary>
    public void Dispose() => Abort();
}
