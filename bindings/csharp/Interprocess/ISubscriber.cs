using System;
using System.Threading;

namespace Interprocess;

/// <summary>Takes messages from a queue.</summary>
/// <remarks>
/// Any number of subscribers, in any number of processes, may share a queue; each message goes to one
/// of them. Thread-safe: several threads may wait on one subscriber, and
/// <see cref="IDisposable.Dispose"/>, which ends their waits with an
/// <see cref="ObjectDisposedException"/>, may come from any thread at any time.
/// <para>
/// Every call looks at its token first: one that is cancelled already takes nothing from the queue.
/// </para>
/// </remarks>
public interface ISubscriber : IDisposable
{
    /// <summary>Takes the next message, if there is one now, into a new array. Does not wait.</summary>
    /// <param name="cancellation">Looked at before anything is taken.</param>
    /// <param name="message">The message; empty if there is none.</param>
    /// <returns><see langword="false"/> if the queue is empty.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled already.</exception>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    bool TryDequeue(CancellationToken cancellation, out ReadOnlyMemory<byte> message);

    /// <summary>Takes the next message, if there is one now, into a buffer. Does not wait.</summary>
    /// <param name="buffer">
    /// Gets the message. If it is too short it gets the message's beginning, and the rest is gone.
    /// </param>
    /// <param name="cancellation">Looked at before anything is taken.</param>
    /// <param name="message">The part of <paramref name="buffer"/> that was filled.</param>
    /// <returns><see langword="false"/> if the queue is empty.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled already.</exception>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    bool TryDequeue(
        Memory<byte> buffer,
        CancellationToken cancellation,
        out ReadOnlyMemory<byte> message);

    /// <summary>Takes the next message into a new array. Waits for one.</summary>
    /// <param name="cancellation">Ends the wait; nothing is taken then.</param>
    /// <returns>The message.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed, maybe meanwhile.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    ReadOnlyMemory<byte> Dequeue(CancellationToken cancellation);

    /// <summary>Takes the next message into a buffer. Waits for one.</summary>
    /// <param name="buffer">
    /// Gets the message. If it is too short it gets the message's beginning, and the rest is gone.
    /// </param>
    /// <param name="cancellation">Ends the wait; nothing is taken then.</param>
    /// <returns>The part of <paramref name="buffer"/> that was filled.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed, maybe meanwhile.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    ReadOnlyMemory<byte> Dequeue(Memory<byte> buffer, CancellationToken cancellation);
}
