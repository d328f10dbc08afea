// SPDX-License-Identifier: MIT

using System;

namespace Interprocess;

/// <summary>
/// A message that the queue lends to one subscriber, in place: no other subscriber gets it, and it
/// stays in the queue until it is acknowledged.
/// </summary>
/// <remarks>
/// Disposing it without <see cref="Acknowledge"/> gives it back: it is delivered again, later than
/// the messages behind it. If the process dies, another subscriber gets the message, marked
/// redelivered. A subscriber may borrow several messages at a time and acknowledge them in any
/// order; each takes room in the queue until then. Only the thread that borrowed it may use it;
/// <see cref="Detach"/> lets it leave that thread. Its bytes must not be used after
/// <see cref="Acknowledge"/>, <see cref="GiveBack"/> or <see cref="Dispose"/>.
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

    /// <summary>Gets the message; empty once it was acknowledged or given back.</summary>
    public readonly ReadOnlySpan<byte> Bytes => done ? default : bytes;

    /// <summary>Gets its size, and how often it was delivered before.</summary>
    public MessageInfo Info { get; }

    /// <summary>
    /// Gets a value indicating whether a subscriber died while it held the message, and may have
    /// acted on it.
    /// </summary>
    public readonly bool Redelivered => Info.Redelivered;

    /// <summary>Takes the message off the queue, even if the subscriber was disposed.</summary>
    /// <exception cref="InvalidOperationException">
    /// The message was acknowledged or given back before.
    /// </exception>
    /// <exception cref="QueueException">
    /// Another subscriber has the message by now. The Cloudtoid protocols take a message back after
    /// some seconds.
    /// </exception>
    public void Acknowledge()
    {
        if (subscriber is null)
        {
            throw new InvalidOperationException("There is no message.");
        }

        // Set first: the bytes must not be read afterwards, even if the call throws.
        done = true;
        subscriber.Acknowledge(token, Info);
    }

    /// <summary>
    /// Puts the message back for any subscriber, this one included. Does nothing if it was
    /// acknowledged or given back before.
    /// </summary>
    public void GiveBack()
    {
        if (!done)
        {
            done = true;
            subscriber?.GiveBack(token);
        }
    }

    /// <summary>
    /// Lets the message leave the stack and this thread. Disposing this does nothing afterwards.
    /// </summary>
    /// <returns>The message, to be acknowledged by any thread.</returns>
    /// <exception cref="InvalidOperationException">
    /// The message was acknowledged, given back or detached before.
    /// </exception>
    public unsafe DetachedMessage Detach()
    {
        if (done || subscriber is null)
        {
            throw new InvalidOperationException("There is no message.");
        }

        done = true;
        fixed (byte* address = bytes)
        {
            return new DetachedMessage(subscriber, token, (nint)address, Info);
        }
    }

    /// <summary>Does what <see cref="GiveBack"/> does.</summary>
    public void Dispose() => GiveBack();
}
