// SPDX-License-Identifier: MIT

using System;
using System.Threading;
using System.Threading.Tasks;

namespace Interprocess;

/// <summary>One asynchronous call that waits for a message.</summary>
internal abstract class PendingRead
{
    private readonly Subscriber subscriber;
    private readonly object registrationLock = new();
    private CancellationTokenRegistration registration;
    private bool ended;

    protected PendingRead(Subscriber subscriber) => this.subscriber = subscriber;

    /// <summary>Ends the call when the token is cancelled, unless it has ended before.</summary>
    public void CancelWith(CancellationToken cancellation)
    {
        if (!cancellation.CanBeCanceled)
        {
            return;
        }

        CancellationTokenRegistration registered = cancellation.Register(
            () =>
            {
                if (subscriber.Reads.Withdraw(this))
                {
                    Cancel(cancellation);
                }
            });
        lock (registrationLock)
        {
            if (!ended)
            {
                registration = registered;
                return;
            }
        }

        registered.Dispose();
    }

    /// <summary>
    /// Returns true if the call now has what it waits for. Runs under the lock of the subscriber's
    /// reads.
    /// </summary>
    public abstract bool Attempt();

    /// <summary>
    /// Ends the call with a result. Runs once, and outside the lock of the reads.
    /// </summary>
    public void Complete()
    {
        End();
        Succeed();
    }

    /// <summary>
    /// Ends the call with an error. Runs once, and outside the lock of the reads.
    /// </summary>
    public void Fail(Exception error)
    {
        End();
        SetError(error);
    }

    protected abstract void Succeed();

    protected abstract void SetError(Exception error);

    protected abstract void Cancel(CancellationToken cancellation);

    /// <summary>
    /// Takes the callback off the token. Runs outside the lock of the reads: it waits for a
    /// callback that runs, and that takes the lock.
    /// </summary>
    private void End()
    {
        CancellationTokenRegistration registered;
        lock (registrationLock)
        {
            ended = true;
            registered = registration;
        }

        registered.Dispose();
    }

    /// <summary>Takes a message.</summary>
    internal sealed class Message : PendingRead
    {
        private readonly TaskCompletionSource<ReadOnlyMemory<byte>> source =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        private ReadOnlyMemory<byte> message;

        public Message(Subscriber subscriber)
            : base(subscriber)
        {
        }

        public Task<ReadOnlyMemory<byte>> Task => source.Task;

        public override bool Attempt() => subscriber.TryDequeue(default, out message);

        protected override void Succeed() => source.TrySetResult(message);

        protected override void SetError(Exception error) => source.TrySetException(error);

        protected override void Cancel(CancellationToken cancellation) =>
            source.TrySetCanceled(cancellation);
    }

    /// <summary>Waits until there is a message, and leaves it in the queue.</summary>
    internal sealed class Arrival : PendingRead
    {
        private readonly Func<bool> attempt;
        private readonly TaskCompletionSource<bool> source =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Arrival(Subscriber subscriber, Func<bool> attempt)
            : base(subscriber) => this.attempt = attempt;

        public Task<bool> Task => source.Task;

        public override bool Attempt() => attempt();

        protected override void Succeed() => source.TrySetResult(true);

        protected override void SetError(Exception error) => source.TrySetException(error);

        protected override void Cancel(CancellationToken cancellation) =>
            source.TrySetCanceled(cancellation);
    }
}
