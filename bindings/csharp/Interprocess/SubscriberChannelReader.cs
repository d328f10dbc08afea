// SPDX-License-Identifier: MIT

using System;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;

namespace Interprocess;

/// <summary>A subscriber as the reader of a channel.</summary>
internal sealed class SubscriberChannelReader : ChannelReader<ReadOnlyMemory<byte>>
{
    private readonly Subscriber subscriber;
    private readonly TaskCompletionSource<bool> completion =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Messages without bytes that HasMessage has taken, and TryRead has not returned yet.
    private int empty;

    public SubscriberChannelReader(Subscriber subscriber)
    {
        this.subscriber = subscriber;
        subscriber.OnDispose(() => completion.TrySetResult(true));
    }

    public override Task Completion => completion.Task;

    public override bool TryRead(out ReadOnlyMemory<byte> item)
    {
        item = default;
        if (TakeEmpty())
        {
            return true;
        }

        try
        {
            return subscriber.TryDequeue(default, out item);
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return new ValueTask<bool>(Task.FromCanceled<bool>(cancellationToken));
        }

        try
        {
            if (HasMessage())
            {
                return new ValueTask<bool>(true);
            }

            var read = new PendingRead.Arrival(subscriber, HasMessage);
            subscriber.Await(read, cancellationToken);
            return new ValueTask<bool>(OrCompleted(read.Task));
        }
        catch (ObjectDisposedException)
        {
            return new ValueTask<bool>(false);
        }
    }

    private static async Task<bool> OrCompleted(Task<bool> arrival)
    {
        try
        {
            return await arrival.ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private bool HasMessage()
    {
        if (Volatile.Read(ref empty) > 0)
        {
            return true;
        }

        // An empty buffer has room only for a message without bytes; any other message stays in the
        // queue.
        switch (subscriber.TryDequeueInto(Span<byte>.Empty, out _))
        {
            case DequeueStatus.Dequeued:
                Interlocked.Increment(ref empty);
                return true;
            case DequeueStatus.BufferTooSmall:
                return true;
            default:
                return false;
        }
    }

    private bool TakeEmpty()
    {
        int count = Volatile.Read(ref empty);
        while (count > 0)
        {
            int seen = Interlocked.CompareExchange(ref empty, count - 1, count);
            if (seen == count)
            {
                return true;
            }

            count = seen;
        }

        return false;
    }
}
