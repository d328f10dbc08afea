// SPDX-License-Identifier: MIT

using System;
using System.Buffers;
using System.Runtime.InteropServices;

namespace Interprocess;

/// <summary>
/// A batch of messages, one behind the other in one piece of memory, as the native calls take it
/// (bindings/face/frames.h).
/// </summary>
internal readonly ref struct Frames
{
    private const int Header = sizeof(long);

    private readonly byte[] rented;

    private Frames(byte[] rented, int length)
    {
        this.rented = rented;
        Bytes = rented.AsSpan(0, length);
    }

    public Span<byte> Bytes { get; }

    public static Frames Of(ReadOnlySpan<ReadOnlyMemory<byte>> messages)
    {
        long length = 0;
        foreach (ReadOnlyMemory<byte> message in messages)
        {
            length += SizeOf(message.Length);
        }

        if (length > int.MaxValue)
        {
            throw new ArgumentException(
                $"A batch of {length} bytes is larger than an array.", nameof(messages));
        }

        var frames = new Frames(ArrayPool<byte>.Shared.Rent((int)length), (int)length);
        Span<byte> rest = frames.Bytes;
        foreach (ReadOnlyMemory<byte> message in messages)
        {
            MemoryMarshal.Cast<byte, long>(rest)[0] = message.Length;
            message.Span.CopyTo(rest.Slice(Header));
            rest = rest.Slice(SizeOf(message.Length));
        }

        return frames;
    }

    /// <summary>
    /// Returns the size of the frame of a message of <paramref name="message"/> bytes.
    /// </summary>
    public static int SizeOf(int message) => (int)(Header + (((long)message + 7) / 8 * 8));

    public void Dispose() => ArrayPool<byte>.Shared.Return(rented);
}
