// SPDX-License-Identifier: MIT

using System;
using System.Runtime.InteropServices;

/// <summary>A publisher and a subscriber of the C++ library, in this process (cpp_pair.cc).</summary>
internal sealed class CppPair : IDisposable
{
    private readonly nint pair;

    public CppPair(string directory)
    {
        pair = OpenPair(directory);
        if (pair == 0)
        {
            throw new InvalidOperationException($"No queue in {directory}.");
        }
    }

    public void Enqueue(long count) => Check(count, EnqueueMany(pair, count));

    public void Drain() => Drain(pair);

    public void EnqueueAndDequeue(long count) => Check(count, EnqueueAndDequeueMany(pair, count));

    public void Dispose() => ClosePair(pair);

    private static void Check(long count, long done)
    {
        if (done != count)
        {
            throw new InvalidOperationException($"{done} messages of {count}: the queue was full or empty.");
        }
    }

    [DllImport("cpp_pair")]
    private static extern nint OpenPair([MarshalAs(UnmanagedType.LPUTF8Str)] string directory);

    [DllImport("cpp_pair")]
    private static extern void ClosePair(nint pair);

    [DllImport("cpp_pair")]
    private static extern long EnqueueMany(nint pair, long count);

    [DllImport("cpp_pair")]
    private static extern void Drain(nint pair);

    [DllImport("cpp_pair")]
    private static extern long EnqueueAndDequeueMany(nint pair, long count);
}
