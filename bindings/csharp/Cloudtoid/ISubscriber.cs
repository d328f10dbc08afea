// SPDX-License-Identifier: MIT

using System;
using System.Threading;

namespace Cloudtoid.Interprocess;

/// <summary>Takes messages from a queue.</summary>
/// <remarks>
/// Any number of subscribers, in any number of processes, may share a queue; each message goes to
/// one of them. Thread-safe: several threads may wait on one subscriber, and
/// <see cref="IDisposable.Dispose"/>, which ends their waits with an
/// <see cref="OperationCanceledException"/>, may come from any thread at any time.
/// <para>
/// Each call looks at its token first. If the token is cancelled already, the call takes nothing.
/// </para>
/// </remarks>
public interface ISubscriber : IDisposable
{
    /// <summary>
    /// Takes the next message, if there is one now, into a new array. Does not wait.
    /// </summary>
    /// <param name="cancellation">The call reads it before it takes anything.</param>
    /// <param name="message">The message; empty if there is none.</param>
    /// <returns><see langword="false"/> if the queue is empty.</returns>
    /// <exception cref="OperationCanceledException">
    /// The token was cancelled, or the subscriber was disposed.
    /// </exception>
    /// <exception cref="global::Interprocess.QueueException">The queue is damaged.</exception>
    bool TryDequeue(CancellationToken cancellation, out ReadOnlyMemory<byte> message);

    /// <summary>
    /// Takes the next message, if there is one now, into a buffer. Does not wait.
    /// </summary>
    /// <param name="buffer">
    /// Receives the message. If the buffer is too short, it receives the beginning of the message,
    /// and the rest is lost.
    /// </param>
    /// <param name="cancellation">The call reads it before it takes anything.</param>
    /// <param name="message">The part of <paramref name="buffer"/> that the call filled.</param>
    /// <returns><see langword="false"/> if the queue is empty.</returns>
    /// <exception cref="OperationCanceledException">
    /// The token was cancelled, or the subscriber was disposed.
    /// </exception>
    /// <exception cref="global::Interprocess.QueueException">The queue is damaged.</exception>
    bool TryDequeue(
        Memory<byte> buffer,
        CancellationToken cancellation,
        out ReadOnlyMemory<byte> message);

    /// <summary>Takes the next message into a new array. Waits for one.</summary>
    /// <param name="cancellation">Ends the wait; the call takes nothing then.</param>
    /// <returns>The message.</returns>
    /// <exception cref="OperationCanceledException">
    /// The token was cancelled, or the subscriber was disposed, before the call or during it.
    /// </exception>
    /// <exception cref="global::Interprocess.QueueException">The queue is damaged.</exception>
    ReadOnlyMemory<byte> Dequeue(CancellationToken cancellation);

    /// <summary>Takes the next message into a buffer. Waits for one.</summary>
    /// <param name="buffer">
    /// Receives the message. If the buffer is too short, it receives the beginning of the message,
    /// and the rest is lost.
    /// </param>
    /// <param name="cancellation">Ends the wait; the call takes nothing then.</param>
    /// <returns>The part of <paramref name="buffer"/> that the call filled.</returns>
    /// <exception cref="OperationCanceledException">
    /// The token was cancelled, or the subscriber was disposed, before the call or during it.
    /// </exception>
    /// <exception cref="global::Interprocess.QueueException">The queue is damaged.</exception>
    ReadOnlyMemory<byte> Dequeue(Memory<byte> buffer, CancellationToken cancellation);
}
