// SPDX-License-Identifier: MIT

using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

/// <summary>A thread of a test. What its body returns or throws is its result.</summary>
public sealed class Background<T>
{
    private readonly TaskCompletionSource<T> result = new();
    private readonly Thread thread;
    private volatile string? stat;

    public Background(Func<T> body)
    {
        thread = new Thread(() =>
        {
            try
            {
                stat = Path.Combine("/proc", new FileInfo("/proc/thread-self").LinkTarget!, "stat");
                result.SetResult(body());
            }
            catch (Exception e)
            {
                result.SetException(e);
            }
        });
        thread.Start();
    }

    /// <summary>Waits for the end, and throws what the body threw.</summary>
    public T Result => result.Task.GetAwaiter().GetResult();

    /// <summary>In native code: for .NET it runs, for the system it does not.</summary>
    public bool Sleeps()
    {
        if (stat is null || (thread.ThreadState & ThreadState.WaitSleepJoin) != 0)
        {
            return false;
        }

        try
        {
            // The state follows the thread's name, which is in parentheses.
            string text = File.ReadAllText(stat);
            return text.AsSpan(text.LastIndexOf(')')).StartsWith(") S", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // it has ended
        }
    }
}
