using System;
using System.Collections.Concurrent;
using System.Threading;
using Interprocess.Interop;

#if CLOUDTOID
namespace Cloudtoid.Interprocess;
#else
namespace Interprocess;
#endif

/// <summary>
/// The limits of one waiting call: a time, and a token that raises a native interrupt.
/// </summary>
internal readonly ref struct Wait
{
    private static readonly ConcurrentBag<FaceInterrupt> Idle = new();
    private static readonly Action<object?> Raise = static interrupt => ((FaceInterrupt)interrupt!).Raise();

    private readonly CancellationTokenRegistration registration;

    public Wait(TimeSpan timeout, CancellationToken cancellation)
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

    /// <summary>Gets the time as the native calls want it: negative for ever.</summary>
    public long Nanoseconds { get; }

    public FaceInterrupt? Interrupt { get; }

    public void Dispose()
    {
        if (Interrupt is null)
        {
            return;
        }

        // Returns when a callback that has begun has ended: none raises it after this.
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
                nameof(timeout), timeout, "A timeout is not negative, or Timeout.InfiniteTimeSpan.");
        }

        return EndpointState.ToNanoseconds(timeout);
    }
}
