// SPDX-License-Identifier: MIT

using System;
using System.IO;

namespace Cloudtoid.Interprocess;

/// <summary>Opens publishers and subscribers.</summary>
public interface IQueueFactory
{
    /// <summary>Opens a publisher of a queue. Makes the queue if there is none.</summary>
    /// <param name="options">Which queue, and how it is made.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// An option cannot be used; the message says which.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// There is such a queue already, with a larger capacity.
    /// </exception>
    /// <exception cref="DirectoryNotFoundException">The name contains a slash.</exception>
    /// <exception cref="PathTooLongException">The name is too long.</exception>
    /// <exception cref="UnauthorizedAccessException">The system denies access.</exception>
    /// <exception cref="global::Interprocess.QueueException">
    /// The queue cannot be opened for another reason; the message says why.
    /// </exception>
    IPublisher CreatePublisher(QueueOptions options);

    /// <summary>Opens a subscriber of a queue. Makes the queue if there is none.</summary>
    /// <param name="options">Which queue, and how it is made.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// An option cannot be used; the message says which.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// There is such a queue already, with a larger capacity.
    /// </exception>
    /// <exception cref="DirectoryNotFoundException">The name contains a slash.</exception>
    /// <exception cref="PathTooLongException">The name is too long.</exception>
    /// <exception cref="UnauthorizedAccessException">The system denies access.</exception>
    /// <exception cref="global::Interprocess.QueueException">
    /// The queue cannot be opened for another reason; the message says why.
    /// </exception>
    ISubscriber CreateSubscriber(QueueOptions options);
}
