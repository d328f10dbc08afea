// SPDX-License-Identifier: MIT

using System.Collections.Generic;

namespace Interprocess;

/// <summary>A publisher or subscriber of a queue, in any process.</summary>
public sealed class ParticipantReport
{
    /// <summary>Gets its number in the queue.</summary>
    public int Id { get; init; }

    /// <summary>Gets its role: publisher, subscriber or inspector.</summary>
    public string Role { get; init; } = string.Empty;

    /// <summary>Gets a value indicating whether its process lives and has the queue open.</summary>
    public bool Alive { get; init; }

    /// <summary>Gets the number of its process, or 0 if that is not known.</summary>
    public long ProcessId { get; init; }

    /// <summary>Gets what it sleeps for: data or space; empty if it does not sleep.</summary>
    public string WaitsFor { get; init; } = string.Empty;

    /// <summary>Gets the number of messages that it enqueued or took.</summary>
    public long Messages { get; init; }

    /// <summary>Gets the bytes of those messages.</summary>
    public long Bytes { get; init; }

    /// <summary>
    /// Gets how often it came upon a full or empty queue: see
    /// <see cref="EndpointCounters.FullOrEmpty"/>.
    /// </summary>
    public long FullOrEmpty { get; init; }

    /// <summary>Gets the number of times that it went to sleep.</summary>
    public long Sleeps { get; init; }

    /// <summary>Gets the number of messages that it holds: reserved, or borrowed.</summary>
    public long Holds { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Role} {Id} of process {ProcessId}, {(Alive ? "alive" : "dead")}"
        + $"{(WaitsFor.Length == 0 ? string.Empty : $", sleeps for {WaitsFor}")}: {Messages} messages,"
        + $" {Bytes} bytes; holds {Holds}";
}

/// <summary>The contents of a queue, at one moment.</summary>
public sealed class QueueReport
{
    /// <summary>Gets its wire format.</summary>
    public QueueProtocol Protocol { get; init; }

    /// <summary>Gets the queue's name.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>Gets the path of its file.</summary>
    public string Path { get; init; } = string.Empty;

    /// <summary>Gets the bytes that may wait in it.</summary>
    public long Capacity { get; init; }

    /// <summary>Gets the size of its file in bytes.</summary>
    public long FileSize { get; init; }

    /// <summary>
    /// Gets a value indicating whether the queue was made for one publisher at a time.
    /// </summary>
    public bool OnePublisher { get; init; }

    /// <summary>
    /// Gets a value indicating whether the queue was made for one subscriber at a time.
    /// </summary>
    public bool OneSubscriber { get; init; }

    /// <summary>Gets the number of messages that wait.</summary>
    public long Ready { get; init; }

    /// <summary>Gets the number of bytes in the messages that wait.</summary>
    public long ReadyBytes { get; init; }

    /// <summary>Gets the number of messages that are reserved and not yet committed.</summary>
    public long Reserved { get; init; }

    /// <summary>Gets the number of messages that are handed out and not yet acknowledged.</summary>
    public long Claimed { get; init; }

    /// <summary>
    /// Gets the number of times that a message was given back or taken from a dead subscriber.
    /// </summary>
    public long Returned { get; init; }

    /// <summary>Gets the publishers and subscribers of the queue.</summary>
    public IReadOnlyList<ParticipantReport> Participants { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() =>
        $"queue '{Name}' ({Path}), protocol {Protocol}, {Capacity} bytes: {Ready} messages of {ReadyBytes}"
        + $" bytes wait, {Reserved} reserved, {Claimed} handed out; {Participants.Count} participants";
}

/// <summary>Something in a queue that is not as it should be.</summary>
public readonly struct QueueFinding
{
    internal QueueFinding(bool damaged, string what)
    {
        IsDamage = damaged;
        What = what;
    }

    /// <summary>
    /// Gets a value indicating whether something other than a participant changed the bytes. If
    /// not, a participant died, and the next participant that notices resolves it.
    /// </summary>
    public bool IsDamage { get; }

    /// <summary>Gets a description.</summary>
    public string What { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{(IsDamage ? "damage" : "note")}: {What}";
}
