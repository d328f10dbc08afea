// SPDX-License-Identifier: MIT

using System;

namespace Interprocess;

/// <summary>Puts messages into a queue.</summary>
/// <remarks>
/// Any number of publishers, in any number of processes, may share a queue. Thread-safe: calls from
/// several threads take turns, and <see cref="IDisposable.Dispose"/> may come from any thread at
/// any time.
/// </remarks>
public interface IPublisher : IDisposable
{
    /// <summary>Enqueues a message, if there is room for it now. Does not wait.</summary>
    /// <param name="message">The bytes of the message, which are copied. It may have none.</param>
    /// <returns>
    /// <see langword="true"/>: the message will be delivered, whatever happens to this process.
    /// <see langword="false"/>: the queue is full.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The message is larger than <see cref="Publisher.MaxMessageSize"/>, so it never fits.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The publisher was disposed.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    bool TryEnqueue(ReadOnlySpan<byte> message);
}
