// SPDX-License-Identifier: MIT

using System;
using System.Threading;
using Ours = global::Interprocess;

namespace Cloudtoid.Interprocess;

/// <summary>
/// A subscriber that behaves as one of the original: a call that finds it disposed, or that its
/// disposal ends, throws an <see cref="OperationCanceledException"/>.
/// </summary>
internal sealed class SubscriberAdapter : ISubscriber
{
    public SubscriberAdapter(Ours.Subscriber subscriber) => Subscriber = subscriber;

    public Ours.Subscriber Subscriber { get; }

    public bool TryDequeue(CancellationToken cancellation, out ReadOnlyMemory<byte> message)
    {
        try
        {
            return Subscriber.TryDequeue(cancellation, out message);
        }
        catch (ObjectDisposedException e)
        {
            throw Cancelled(e);
        }
    }

    public bool TryDequeue(
        Memory<byte> buffer,
        CancellationToken cancellation,
        out ReadOnlyMemory<byte> message)
    {
        try
        {
            return Subscriber.TryDequeue(buffer, cancellation, out message);
        }
        catch (ObjectDisposedException e)
        {
            throw Cancelled(e);
        }
    }

    public ReadOnlyMemory<byte> Dequeue(CancellationToken cancellation)
    {
        try
        {
            return Subscriber.Dequeue(cancellation);
        }
        catch (ObjectDisposedException e)
        {
            throw Cancelled(e);
        }
    }

    public ReadOnlyMemory<byte> Dequeue(Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            return Subscriber.Dequeue(buffer, cancellation);
        }
        catch (ObjectDisposedException e)
        {
            throw Cancelled(e);
        }
    }

    public void Dispose() => Subscriber.Dispose();

    private static OperationCanceledException Cancelled(ObjectDisposedException e) => new(e.Message, e);
}
