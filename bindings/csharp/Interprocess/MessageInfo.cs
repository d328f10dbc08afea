// SPDX-License-Identifier: MIT

namespace Interprocess;

/// <summary>What a subscriber learns about a message beside its bytes.</summary>
public readonly struct MessageInfo
{
    internal MessageInfo(long size, int earlierDeliveries, bool redelivered, ulong position)
    {
        Size = size;
        EarlierDeliveries = earlierDeliveries;
        Redelivered = redelivered;
        Position = position;
    }

    /// <summary>
    /// Gets the size of the message in bytes. If a buffer was too small, this is the size that it
    /// needs.
    /// </summary>
    public long Size { get; }

    /// <summary>
    /// Gets the number of subscribers that had the message before, and died with it or gave it
    /// back.
    /// </summary>
    public int EarlierDeliveries { get; }

    /// <summary>
    /// Gets a value indicating whether a subscriber died while it held the message, and may have
    /// acted on it. No other message is delivered twice.
    /// </summary>
    public bool Redelivered { get; }

    /// <summary>
    /// Gets the number of the message in the queue, from 0, in the order in which publishers
    /// reserved their messages. Numbers only grow, some are never used, and a message keeps its own
    /// when it is given back or delivered again. 0 in a queue of a Cloudtoid protocol.
    /// </summary>
    public ulong Position { get; }
}

/// <summary>The outcome of a call that takes a message into a buffer.</summary>
public enum DequeueStatus
{
    /// <summary>The message is in the buffer.</summary>
    Dequeued,

    /// <summary>There is no message, or none came in time.</summary>
    Empty,

    /// <summary>The buffer is too small. The message is still in the queue.</summary>
    BufferTooSmall,
}

/// <summary>Receives one message of a batch.</summary>
/// <param name="message">The bytes. They are valid only during the call.</param>
/// <param name="info">Its size, and how often it was delivered before.</param>
public delegate void MessageHandler(System.ReadOnlySpan<byte> message, MessageInfo info);
