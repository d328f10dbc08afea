// SPDX-License-Identifier: MIT

using System;

namespace Interprocess;

/// <summary>Opens publishers and subscribers.</summary>
public interface IQueueFactory
{
    /// <summary>Opens a publisher of a queue. Makes the queue if there is none.</summary>
    /// <param name="options">Which queue, and how it is made.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// An option cannot be used; the message says which.
    /// </exception>
    /// <exception cref="QueueException">
    /// The queue cannot be opened; the message says why.
    /// </exception>
    IPublisher CreatePublisher(QueueOptions options);

    /// <summary>Opens a subscriber of a queue. Makes the queue if there is none.</summary>
    /// <param name="options">Which queue, and how it is made.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// An option cannot be used; the message says which.
    /// </exception>
    /// <exception cref="QueueException">
    /// The queue cannot be opened; the message says why.
    /// </exception>
    ISubscriber CreateSubscriber(QueueOptions options);
}
