namespace Interprocess;

/// <summary>What is known of a received message beside its bytes.</summary>
public readonly struct MessageInfo
{
    internal MessageInfo(long size, int earlierDeliveries, bool redelivered)
    {
        Size = size;
        EarlierDeliveries = earlierDeliveries;
        Redelivered = redelivered;
    }

    /// <summary>Gets its size in bytes; also when a buffer was too small for it.</summary>
    public long Size { get; }

    /// <summary>
    /// Gets how often it was handed out before: a subscriber died with it or gave it back.
    /// </summary>
    public int EarlierDeliveries { get; }

    /// <summary>
    /// Gets a value indicating whether a subscriber died holding it, and may have acted on it. The
    /// only case of a second delivery.
    /// </summary>
    public bool Redelivered { get; }
}

/// <summary>What came of a call that takes a message into a buffer.</summary>
public enum DequeueStatus
{
    /// <summary>The message is in the buffer.</summary>
    Dequeued,

    /// <summary>There is none, or none came in time.</summary>
    Empty,

    /// <summary>The buffer is too small. The message is still in the queue.</summary>
    BufferTooSmall,
}

/// <summary>Gets a message of a batch.</summary>
/// <param name="message">The bytes; valid during the call.</param>
/// <param name="info">What else is known.</param>
public delegate void MessageHandler(System.ReadOnlySpan<byte> message, MessageInfo info);
