// SPDX-License-Identifier: MIT

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;

namespace Interprocess;

/// <content>Asynchronous reads.</content>
public sealed partial class Subscriber
{
    private readonly object disposeLock = new();
    private Action? onDispose;

    // Under the lock: a read has waited.
    private bool hasWaited;

    /// <summary>Gets the asynchronous reads that wait.</summary>
    internal PendingReads Reads { get; } = new();

    /// <summary>Gets or sets the thread that serves them, under the lock of that class.</summary>
    internal ReadThread? ReadBy { get; set; }

    /// <summary>
    /// Takes the next message into a new array. Waits for one without holding a thread. One thread
    /// of this library waits for all queues of the process; a read that has to wait starts it, and
    /// it ends when no read waits.
    /// </summary>
    /// <param name="cancellation">Ends the wait; the call takes nothing then.</param>
    /// <returns>
    /// The message. Reads that wait get their messages in the order of the calls.
    /// </returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">
    /// The subscriber was disposed, before the call or during it.
    /// </exception>
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
            // A read that waits already comes first.
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
    /// Returns the messages from now on, as they come. Its token ends it with an
    /// <see cref="OperationCanceledException"/>; disposal of the subscriber ends it without an
    /// exception.
    /// </summary>
    /// <param name="cancellation">
    /// Ends the sequence. Every message that was taken is returned.
    /// </param>
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
    /// Returns the queue as the reader of a channel. The reader takes a message only when it is
    /// read, so none is lost with the reader. It completes when the subscriber is disposed.
    /// </summary>
    /// <returns>A reader that takes its messages from this subscriber.</returns>
    public ChannelReader<ReadOnlyMemory<byte>> AsChannelReader() => new SubscriberChannelReader(this);

    /// <summary>Adds a read that has to wait.</summary>
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
            // The caller gets no task, so the read must not take a message. If it has taken one, or
            // was cancelled, the task has the outcome.
            if (Reads.Withdraw(read))
            {
                throw;
            }
        }
    }

    /// <summary>
    /// Announces that the thread of the reads, which calls this, is about to sleep. Returns what
    /// wakes it. With an error there is nothing to wait for.
    /// </summary>
    internal unsafe ReadThread.Alarm Arm(ReadThread.Alarm before, long now, out Exception? error)
    {
        long* alarm = stackalloc long[2];
        alarm[0] = (long)before.Word;
        alarm[1] = before.Value;
        long limit = face.Arm((nint)alarm);

        error = limit < 0 ? Failure(limit) : null;
        return limit < 0 ? default : new ReadThread.Alarm((uint*)alarm[0], (uint)alarm[1], now + limit);
    }

    /// <summary>
    /// Calls back when the subscriber is disposed; at once if it is disposed already.
    /// </summary>
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
