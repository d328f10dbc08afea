// SPDX-License-Identifier: MIT

using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace Interprocess;

/// <content>The four calls of <see cref="ISubscriber"/>.</content>
public sealed partial class Subscriber
{
    // A message of at most this size goes to the stack first, and then to an array of its size: one
    // call of the native library.
    private const int SmallMessage = 256;

    /// <inheritdoc/>
    public bool TryDequeue(CancellationToken cancellation, out ReadOnlyMemory<byte> message)
    {
        cancellation.ThrowIfCancellationRequested();
        return TakeNew(default, cancellation, out message);
    }

    /// <inheritdoc/>
    public bool TryDequeue(
        Memory<byte> buffer,
        CancellationToken cancellation,
        out ReadOnlyMemory<byte> message)
    {
        cancellation.ThrowIfCancellationRequested();
        long result = TryTake(buffer.Span, out _);
        if (result >= 0)
        {
            message = Taken(result, buffer);
            return true;
        }

        if (StatusOfError(result, default, out _) == DequeueStatus.BufferTooSmall)
        {
            return TryTruncate(buffer, out message);
        }

        message = default;
        return false;
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Dequeue(CancellationToken cancellation)
    {
        if (TryDequeue(cancellation, out ReadOnlyMemory<byte> message))
        {
            return message;
        }

        _ = Dequeue(Timeout.InfiniteTimeSpan, cancellation, out message);
        return message;
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Dequeue(Memory<byte> buffer, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        long result = TryTake(buffer.Span, out _);
        return result >= 0 ? Taken(result, buffer) : AwaitInto(buffer, cancellation);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlyMemory<byte> Taken(long result, Memory<byte> buffer)
    {
        CountTaken(result);
        return buffer.Slice(0, (int)Result.SizeOf(result));
    }

    private ReadOnlyMemory<byte> AwaitInto(Memory<byte> buffer, CancellationToken cancellation)
    {
        while (true)
        {
            if (TryDequeue(buffer, cancellation, out ReadOnlyMemory<byte> message))
            {
                return message;
            }

            // A buffer that is too small ends the wait; the next turn cuts the message.
            if (DequeueInto(buffer.Span, Timeout.InfiniteTimeSpan, cancellation, out MessageInfo info)
                == DequeueStatus.Dequeued)
            {
                return buffer.Slice(0, (int)info.Size);
            }
        }
    }

    /// <summary>
    /// Takes as much of the next message as fits. Returns false if another subscriber has taken it.
    /// </summary>
    private bool TryTruncate(Memory<byte> buffer, out ReadOnlyMemory<byte> message)
    {
        if (!TryBorrow(out BorrowedMessage borrowed))
        {
            message = default;
            return false;
        }

        using (borrowed)
        {
            int size = Math.Min(borrowed.Bytes.Length, buffer.Length);
            borrowed.Bytes.Slice(0, size).CopyTo(buffer.Span);
            if (size < borrowed.Bytes.Length)
            {
                state.Truncated(borrowed.Info.Size, size);
            }

            message = buffer.Slice(0, size);
            borrowed.Acknowledge();
            return true;
        }
    }

    /// <summary>Takes the next message into a new array of its size.</summary>
#if NET
    [SkipLocalsInit]
#endif
    private unsafe bool TakeNew(
        in WaitLimits limits,
        CancellationToken cancellation,
        out ReadOnlyMemory<byte> message)
    {
        byte* small = stackalloc byte[SmallMessage];
        long result = limits.Nanoseconds == 0
            ? face.TryDequeue((nint)small, SmallMessage, default)
            : face.Dequeue((nint)small, SmallMessage, limits.Nanoseconds, limits.Interrupt, default);
        byte[]? large = null;
        while (true)
        {
            switch (StatusOf(result, 0, cancellation, out MessageInfo info))
            {
                case DequeueStatus.Dequeued when large is null:
                    message = new ReadOnlySpan<byte>(small, (int)info.Size).ToArray();
                    return true;
                case DequeueStatus.Dequeued:
                    message = large.AsMemory(0, (int)info.Size);
                    return true;
                case DequeueStatus.Empty:
                    message = default;
                    return false;
            }

            large = NewArray(info.Size);
            fixed (byte* bytes = large)
            {
                // Another subscriber may take the message meanwhile, and the next one may be still
                // larger.
                result = limits.Nanoseconds == 0
                    ? face.TryDequeue((nint)bytes, large.Length, default)
                    : face.Dequeue(
                        (nint)bytes, large.Length, limits.Nanoseconds, limits.Interrupt, default);
            }
        }
    }

    private byte[] NewArray(long size)
    {
        if (size > int.MaxValue)
        {
            throw new QueueException(
                QueueError.OutOfRange,
                $"The next message of queue '{state.QueueName}' has {size} bytes, more than an array"
                + " can hold. It stays in the queue.");
        }

#if NET
        return GC.AllocateUninitializedArray<byte>((int)size);
#else
        return new byte[size];
#endif
    }
}
