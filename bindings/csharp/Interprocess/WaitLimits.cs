// SPDX-License-Identifier: MIT

using System;
using System.Collections.Concurrent;
using System.Threading;
using Interprocess.Interop;

namespace Interprocess;

/// <summary>
/// What ends one waiting call: a time, and a token that raises an interrupt of the native library.
/// </summary>
internal readonly ref struct WaitLimits
{
    private static readonly ConcurrentBag<FaceInterrupt> Idle = new();
    private static readonly Action<object?> Raise = static interrupt => ((FaceInterrupt)interrupt!).Raise();

    private readonly CancellationTokenRegistration registration;

    public WaitLimits(TimeSpan timeout, CancellationToken cancellation)
    {
        Nanoseconds = ToNanoseconds(timeout);
        cancellation.ThrowIfCancellationRequested();
        Interrupt = null;
        registration = default;
        if (cancellation.CanBeCanceled && Nanoseconds != 0)
        {
            Interrupt = Idle.TryTake(out FaceInterrupt? idle) ? idle : new FaceInterrupt();
            registration = cancellation.Register(Raise, Interrupt);
        }
    }

    /// <summary>Gets the time as native calls take it: negative for no limit.</summary>
    public long Nanoseconds { get; }

    public FaceInterrupt? Interrupt { get; }

    public void Dispose()
    {
        if (Interrupt is null)
        {
            return;
        }

        // This waits for a callback that runs, so nothing raises the interrupt afterwards.
        registration.Dispose();
        Interrupt.Clear();
        Idle.Add(Interrupt);
    }

    private static long ToNanoseconds(TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            return -1;
        }

        if (timeout < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(
                nameof(timeout), timeout, "A timeout is at least 0, or Timeout.InfiniteTimeSpan.");
        }

        return EndpointState.ToNanoseconds(timeout);
    }
}
