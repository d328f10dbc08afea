using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using Interprocess;

/// <summary>Tests wait on conditions, never for a time.</summary>
public static class Waiting
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    public static void Until(Func<bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Long)
            {
                throw new TimeoutException($"Not in {Long}: {what}");
            }

            Thread.Sleep(1);
        }
    }

    /// <summary>Until so many participants of the queue sleep.</summary>
    public static void UntilSleeping(QueueOptions options, int count) => Until(
        () => new QueueInspector(options).Report().Participants.Count(p => p.WaitsFor.Length != 0) >= count,
        $"{count} sleepers on {options.QueueName}");
}
