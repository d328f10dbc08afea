// SPDX-License-Identifier: MIT

using System;
using System.ComponentModel;
using Ours = global::Interprocess;

namespace Cloudtoid.Interprocess;

/// <summary>Names a queue, and says where it lies and how large it is. Immutable.</summary>
/// <remarks>
/// The properties beyond the original's are those of this library's own options. Their defaults are
/// the original's: version 2 of its format, and messages that nobody took go with the last
/// publisher or subscriber.
/// </remarks>
public sealed class QueueOptions : Ours.QueueOptions
{
    private const Ours.QueueProtocol DefaultProtocol = Ours.QueueProtocol.CloudtoidV2;

    /// <summary>Options for a queue in the directory for temporary files.</summary>
    /// <param name="queueName">The name of the queue: 1 to 245 bytes of UTF-8, no slashes.</param>
    /// <param name="capacity">
    /// Bytes that may wait in the queue: greater than 16 and a multiple of 8.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="queueName"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// <paramref name="queueName"/> is empty, or <paramref name="capacity"/> is no multiple of 8.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="capacity"/> is 16 or less.
    /// </exception>
    public QueueOptions(string queueName, long capacity)
        : this(queueName, null, capacity, nameof(capacity), DefaultProtocol)
    {
    }

    /// <summary>Options for a queue in a directory.</summary>
    /// <param name="queueName">The name of the queue: 1 to 245 bytes of UTF-8, no slashes.</param>
    /// <param name="path">An existing directory that is no symbolic link.</param>
    /// <param name="capacity">
    /// Bytes that may wait in the queue: greater than 16 and a multiple of 8.
    /// </param>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="queueName"/> or <paramref name="path"/> is null.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// <paramref name="queueName"/> is empty, or <paramref name="capacity"/> is no multiple of 8.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="capacity"/> is 16 or less.
    /// </exception>
    public QueueOptions(string queueName, string path, long capacity)
        : this(queueName, NotNull(path), capacity, nameof(capacity), DefaultProtocol)
    {
    }

    /// <summary>As the constructor above, with the older name of the capacity.</summary>
    /// <param name="queueName">The name of the queue.</param>
    /// <param name="bytesCapacity">Bytes that may wait in the queue.</param>
    /// <param name="protocol">The wire format.</param>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public QueueOptions(
        string queueName,
        long bytesCapacity,
        Ours.QueueProtocol protocol = DefaultProtocol)
        : this(queueName, null, bytesCapacity, nameof(bytesCapacity), protocol)
    {
    }

    /// <summary>As the constructor above, with the older name of the capacity.</summary>
    /// <param name="queueName">The name of the queue.</param>
    /// <param name="path">An existing directory.</param>
    /// <param name="bytesCapacity">Bytes that may wait in the queue.</param>
    /// <param name="protocol">The wire format.</param>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public QueueOptions(
        string queueName,
        string path,
        long bytesCapacity,
        Ours.QueueProtocol protocol = DefaultProtocol)
        : this(queueName, NotNull(path), bytesCapacity, nameof(bytesCapacity), protocol)
    {
    }

    private QueueOptions(
        string queueName,
        string? path,
        long capacity,
        string capacityName,
        Ours.QueueProtocol protocol)
        : base(queueName, path, capacity, capacityName, protocol) => KeepUndelivered = false;
}
