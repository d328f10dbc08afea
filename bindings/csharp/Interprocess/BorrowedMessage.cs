using System;

namespace Interprocess;

/// <summary>
/// A message that is lent to one subscriber, in place: nobody else gets it, and it is not gone.
/// </summary>
/// <remarks>
/// Disposing it without <see cref="Acknowledge"/> gives it back: it is delivered again, later than the
/// messages behind it. If the process dies it goes to another subscriber, marked redelivered. Several
/// may be open at a time and acknowledged in any order; their room in the queue is free only then. For
/// the thread that borrowed it; the bytes must not be used after <see cref="Acknowledge"/>,
/// <see cref="GiveBack"/> or <see cref="Dispose"/>.
/// </remarks>
public ref struct BorrowedMessage
{
    private readonly Subscriber subscriber;
    private readonly ReadOnlySpan<byte> bytes;
    private readonly long token;
    private bool done;

    internal BorrowedMessage(
        Subscriber subscriber,
        long token,
        ReadOnlySpan<byte> bytes,
        MessageInfo info)
    {
        this.subscriber = subscriber;
        this.token = token;
        this.bytes = bytes;
        Info = info;
    }

    /// <summary>Gets the message. Empty when it is done with.</summary>
    public readonly ReadOnlySpan<byte> Bytes => done ? default : bytes;

    /// <summary>Gets what else is known of it.</summary>
    public MessageInfo Info { get; }

    /// <summary>
    /// Gets a value indicating whether a subscriber died holding it, and may have acted on it.
    /// </summary>
    public readonly bool Redelivered => Info.Redelivered;

    /// <summary>Takes the message off the queue. Also when the subscriber was disposed.</summary>
    /// <exception cref="InvalidOperationException">It is done with already.</exception>
    /// <exception cref="QueueException">
    /// The message was another's by then, as the Cloudtoid protocols have it after some seconds.
    /// </exception>
    public void Acknowledge()
    {
        if (subscriber is null)
        {
            throw new InvalidOperationException("There is no message.");
        }

        // Whatever comes of it: its bytes are not to be read any more.
        done = true;
        subscriber.Acknowledge(token, Info);
    }

    /// <summary>
    /// Puts it back for any subscriber, this one included. Does nothing when it is done with.
    /// </summary>
    public void GiveBack()
    {
        if (!done)
        {
            done = true;
            subscriber?.GiveBack(token);
        }
    }

    /// <summary>As <see cref="GiveBack"/>.</summary>
    public void Dispose() => GiveBack();
}
