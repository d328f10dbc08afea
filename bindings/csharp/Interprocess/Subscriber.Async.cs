using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;

namespace Interprocess;

/// <content>Reading without a thread that waits.</content>
public sealed partial class Subscriber
{
    private readonly object disposeLock = new();
    private Action? onDispose;

    // Under the lock: a read has waited.
    private bool hasWaited;

    /// <summary>Gets the asynchronous calls that wait.</summary>
    internal PendingReads Reads { get; } = new();

    /// <summary>Gets or sets the thread that serves them, under the lock of that class.</summary>
    internal ReadThread? ReadBy { get; set; }

    /// <summary>
    /// Takes the next message into a new array. Waits for one without holding a thread: one thread of
    /// this library, which the first such wait starts, waits for all queues of the process.
    /// </summary>
    /// <param name="cancellation">Ends the wait; nothing is taken then.</param>
    /// <returns>The message. Several reads that wait get theirs in the order of their calls.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed, maybe meanwhile.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public ValueTask<ReadOnlyMemory<byte>> DequeueAsync(CancellationToken cancellation = default)
    {
        if (cancellation.IsCancellationRequested)
        {
            return new ValueTask<ReadOnlyMemory<byte>>(
                Task.FromCanceled<ReadOnlyMemory<byte>>(cancellation));
        }

        try
        {
            // Who waits already comes first.
            if (Reads.IsEmpty && TryDequeue(default, out ReadOnlyMemory<byte> message))
            {
                return new ValueTask<ReadOnlyMemory<byte>>(message);
            }

            var read = new PendingRead.Message(this);
            Await(read, cancellation);
            return new ValueTask<ReadOnlyMemory<byte>>(read.Task);
        }
        catch (Exception e) when (e is ObjectDisposedException or QueueException)
        {
            return new ValueTask<ReadOnlyMemory<byte>>(
                Task.FromException<ReadOnlyMemory<byte>>(e));
        }
    }

    /// <summary>
    /// The messages from now on, as they come. Ends by its token, with an
    /// <see cref="OperationCanceledException"/>, or by disposal of the subscriber, without one.
    /// </summary>
    /// <param name="cancellation">Ends it; no message is taken and not given out.</param>
    /// <returns>Each message, in a new array.</returns>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAllAsync(
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (true)
        {
            ReadOnlyMemory<byte> message;
            try
            {
                message = await DequeueAsync(cancellation).ConfigureAwait(false);
            }
            catch (ObjectDisposedException)
            {
                yield break;
            }

            yield return message;
        }
    }

    /// <summary>
    /// The queue as a channel's reader. It takes no message before it is read, so none is lost with it;
    /// it completes when the subscriber is disposed.
    /// </summary>
    /// <returns>A reader of this subscriber.</returns>
    public ChannelReader<ReadOnlyMemory<byte>> AsChannelReader() => new SubscriberChannelReader(this);

    /// <summary>Waits for a read, which has to wait.</summary>
    internal void Await(PendingRead read, CancellationToken cancellation)
    {
        lock (disposeLock)
        {
            if (state.IsDisposed || !Reads.Add(read))
            {
                throw state.Disposed();
            }

            hasWaited = true;
        }

        try
        {
            read.CancelWith(cancellation);
            ReadThread.Watch(this);
        }
        catch
        {
            // The caller gets no task, so the read must not take a message. If it has taken one, or was
            // cancelled, the task has the outcome.
            if (Reads.Withdraw(read))
            {
                throw;
            }
        }
    }

    /// <summary>Says that the thread of the reads is about to sleep; in that thread.</summary>
    internal unsafe ReadThread.Alarm Arm(ReadThread.Alarm before, long now)
    {
        long* alarm = stackalloc long[2];
        alarm[0] = (long)before.Word;
        alarm[1] = before.Value;
        long limit = native.Arm((nint)alarm);

        // What is wrong with the queue shows when the reads are served.
        return limit < 0 ? default : new ReadThread.Alarm((uint*)alarm[0], (uint)alarm[1], now + limit);
    }

    /// <summary>Calls back when this is disposed, at once if it is already.</summary>
    internal void OnDispose(Action action)
    {
        lock (disposeLock)
        {
            if (!state.IsDisposed)
            {
                onDispose += action;
                return;
            }
        }

        action();
    }

    private void EndReads()
    {
        bool waited;
        lock (disposeLock)
        {
            Reads.Close(state.Disposed);
            waited = hasWaited;
        }

        if (waited)
        {
            ReadThread.Leave(this);
        }

        onDispose?.Invoke();
    }
}
