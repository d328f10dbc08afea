// SPDX-License-Identifier: MIT

namespace Interprocess;

/// <summary>Takes apart the number that a native call returns (bindings/face/result.h).</summary>
internal static class Result
{
    public const long Ok = 0;

    private const int SizeBits = 40;
    private const int DeliveriesBits = 22;
    private const int RedeliveredBit = 62;
    private const int CodeBits = 8;

    public static QueueError ErrorOf(long result) => (QueueError)(-result & ((1L << CodeBits) - 1));

    /// <summary>
    /// Returns the size that the message needs, if the error is
    /// <see cref="QueueError.OutOfRange"/>.
    /// </summary>
    public static long SizeNeeded(long result) => -result >> CodeBits;

    public static long SizeOf(long result) => result & ((1L << SizeBits) - 1);

    public static bool IsRedelivered(long result) => (result >> RedeliveredBit & 1) != 0;

    public static MessageInfo InfoOf(long result, long position) => new(
        SizeOf(result),
        (int)((result >> SizeBits) & ((1L << DeliveriesBits) - 1)),
        IsRedelivered(result),
        (ulong)position);
}
