// SPDX-License-Identifier: MIT

using System;
using System.Linq;
using System.Threading;
using Interprocess;

/// <summary>Tests wait on conditions, never for a time.</summary>
public static class Waiting
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    public static void Until(Func<bool> condition, string what)
    {
        if (!SpinWait.SpinUntil(condition, Long))
        {
            throw new TimeoutException($"Not in {Long}: {what}");
        }
    }

    /// <summary>Waits until this number of the queue's participants sleep.</summary>
    public static void UntilSleeping(QueueOptions options, int count) => Until(
        () => new QueueInspector(options).Report().Participants.Count(p => p.WaitsFor.Length != 0) >= count,
        $"{count} sleepers on {options.QueueName}");
}
