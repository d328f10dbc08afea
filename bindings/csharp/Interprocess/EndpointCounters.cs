// SPDX-License-Identifier: MIT

using Interprocess.Interop;

namespace Interprocess;

/// <summary>What a publisher or subscriber has counted since it was opened.</summary>
public readonly struct EndpointCounters
{
    internal EndpointCounters(FaceCounters counters)
    {
        Messages = counters.Messages;
        Bytes = counters.Bytes;
        FullOrEmpty = counters.FullOrEmpty;
        Waits = counters.Waits;
        Redelivered = counters.Redelivered;
    }

    /// <summary>
    /// Gets the number of messages that it enqueued or took. A message that was borrowed and given
    /// back was taken. Some may be missing where several threads commit the reservations of one
    /// publisher.
    /// </summary>
    public long Messages { get; }

    /// <summary>Gets the bytes of those messages.</summary>
    public long Bytes { get; }

    /// <summary>
    /// Gets how often a publisher came upon a full queue, a subscriber upon an empty one. Polls,
    /// tries and waits one after the other, with no message between them, count once.
    /// </summary>
    public long FullOrEmpty { get; }

    /// <summary>
    /// Gets how often it began to wait. A wait that lets the call of another thread pass, and then
    /// goes on, begins again.
    /// </summary>
    public long Waits { get; }

    /// <summary>Gets how many of the messages were marked redelivered.</summary>
    public long Redelivered { get; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Messages} messages, {Bytes} bytes, {FullOrEmpty} times full or empty, {Waits} waits,"
        + $" {Redelivered} redelivered";
}
