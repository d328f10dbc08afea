using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Threading;
using Interprocess;

/// <summary>What the examples of all languages take: --queue, --dir, --count, --interval.</summary>
internal sealed class Flags
{
    // As long as they are there, they are in force.
    private static readonly List<PosixSignalRegistration> Registrations = [];

    private readonly Dictionary<string, string> values = [];

    public Flags(string[] args)
    {
        foreach (string arg in args)
        {
            int equals = arg.IndexOf('=');
            if (!arg.StartsWith("--", StringComparison.Ordinal) || equals < 0)
            {
                throw new ArgumentException($"{arg}: flags are --queue=, --dir=, --count=, --interval=ms");
            }

            values[arg[2..equals]] = arg[(equals + 1)..];
        }
    }

    public long Count => values.TryGetValue("count", out string? count)
        ? long.Parse(count, CultureInfo.InvariantCulture)
        : long.MaxValue;

    public TimeSpan Interval => TimeSpan.FromMilliseconds(
        double.Parse(values.GetValueOrDefault("interval", "500"), CultureInfo.InvariantCulture));

    public QueueOptions Queue
    {
        get
        {
            string name = values.GetValueOrDefault("queue", "greetings");
            string path = values.GetValueOrDefault("dir", string.Empty);

            // The capacity of the other languages' examples: the first process makes the queue.
            return path.Length == 0
                ? new QueueOptions(name, 1024 * 1024)
                : new QueueOptions(name, path, 1024 * 1024);
        }
    }

    /// <summary>Is cancelled by Ctrl-C and by SIGTERM.</summary>
    public static CancellationToken StopOnCtrlC()
    {
        var source = new CancellationTokenSource();
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM])
        {
            Registrations.Add(PosixSignalRegistration.Create(
                signal,
                context =>
                {
                    context.Cancel = true;
                    source.Cancel();
                }));
        }

        return source.Token;
    }

}
