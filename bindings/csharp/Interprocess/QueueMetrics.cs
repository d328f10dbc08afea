// SPDX-License-Identifier: MIT

using System.Collections.Generic;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace Interprocess;

/// <summary>
/// The counters of this process, as <c>dotnet-counters monitor --counters Interprocess</c> shows
/// them. They count only while something listens.
/// </summary>
internal static class QueueMetrics
{
    private static readonly Meter Meter = new("Interprocess");

    private static readonly Counter<long> EnqueuedMessages = Meter.CreateCounter<long>(
        "interprocess.enqueued.messages", "{message}", "Messages that this process enqueued.");

    private static readonly Counter<long> EnqueuedBytes = Meter.CreateCounter<long>(
        "interprocess.enqueued.bytes", "By", "Bytes in the messages that this process enqueued.");

    private static readonly Counter<long> DequeuedMessages = Meter.CreateCounter<long>(
        "interprocess.dequeued.messages", "{message}", "Messages that this process dequeued.");

    private static readonly Counter<long> DequeuedBytes = Meter.CreateCounter<long>(
        "interprocess.dequeued.bytes", "By", "Bytes in the messages that this process dequeued.");

    private static readonly Counter<long> RedeliveredMessages = Meter.CreateCounter<long>(
        "interprocess.redelivered.messages",
        "{message}",
        "Messages that this process dequeued after a subscriber had died with them.");

    /// <summary>Gets a value indicating whether something listens to any of them.</summary>
    public static bool Enabled =>
        EnqueuedMessages.Enabled || EnqueuedBytes.Enabled || DequeuedMessages.Enabled
        || DequeuedBytes.Enabled || RedeliveredMessages.Enabled;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enqueued(string queue, long size)
    {
        if (EnqueuedMessages.Enabled || EnqueuedBytes.Enabled)
        {
            Count(EnqueuedMessages, EnqueuedBytes, queue, size);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dequeued(string queue, long size, bool redelivered)
    {
        if (DequeuedMessages.Enabled || DequeuedBytes.Enabled)
        {
            Count(DequeuedMessages, DequeuedBytes, queue, size);
        }

        if (redelivered)
        {
            RedeliveredMessages.Add(1, new KeyValuePair<string, object?>("queue", queue));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Count(Counter<long> messages, Counter<long> bytes, string queue, long size)
    {
        var tag = new KeyValuePair<string, object?>("queue", queue);
        messages.Add(1, tag);
        bytes.Add(size, tag);
    }
}
