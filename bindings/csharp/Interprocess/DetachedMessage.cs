// SPDX-License-Identifier: MIT

using System;
using System.Threading;

namespace Interprocess;

/// <summary>
/// A borrowed message that may leave the stack and the thread that borrowed it: one thread borrows,
/// a pool works and acknowledges. <see cref="BorrowedMessage.Detach"/> makes it.
/// </summary>
/// <remarks>
/// Any thread may use it, one at a time. Disposing it without <see cref="Acknowledge"/> gives it
/// back. One that is forgotten stays lent until its subscriber is collected. Its bytes must not be
/// used after <see cref="Acknowledge"/>, <see cref="GiveBack"/> or <see cref="Dispose"/>.
/// </remarks>
public sealed class DetachedMessage : IDisposable
{
    private readonly Subscriber subscriber;
    private readonly nint address;
    private readonly long token;
    private int done;

    internal DetachedMessage(Subscriber subscriber, long token, nint address, MessageInfo info)
    {
        this.subscriber = subscriber;
        this.token = token;
        this.address = address;
        Info = info;
    }

    /// <summary>Gets the message; empty once it was acknowledged or given back.</summary>
    public unsafe ReadOnlySpan<byte> Bytes =>
        Volatile.Read(ref done) != 0 ? default : new ReadOnlySpan<byte>((void*)address, (int)Info.Size);

    /// <summary>Gets its size, and how often it was delivered before.</summary>
    public MessageInfo Info { get; }

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
        if (Interlocked.Exchange(ref done, 1) != 0)
        {
            throw new InvalidOperationException("The message was acknowledged or given back before.");
        }

        subscriber.Acknowledge(token, Info);
    }

    /// <summary>
    /// Puts the message back for any subscriber, this one included. Does nothing if it was
    /// acknowledged or given back before.
    /// </summary>
    public void GiveBack()
    {
        if (Interlocked.Exchange(ref done, 1) == 0)
        {
            subscriber.GiveBack(token);
        }
    }

    /// <summary>Does what <see cref="GiveBack"/> does.</summary>
    public void Dispose() => GiveBack();
}
