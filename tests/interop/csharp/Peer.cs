// SPDX-License-Identifier: MIT

// The C# side of the live pairs (tests/interop/pairs_test.sh):
//
// peer publish|subscribe PROTOCOL DIRECTORY NAME CAPACITY COUNT
//
// Says "attached" when it has opened the queue, and "done" at the end; the publisher then waits for a
// line, for a queue may go with its last participant. The messages are those of
// tests/interop/reference/peer.py; the subscriber ends with 1 at the first that is not as it should be.

using System;
using System.Buffers.Binary;
using System.Threading;
using Interprocess;

if (args.Length != 6)
{
    Console.Error.WriteLine("peer publish|subscribe PROTOCOL DIRECTORY NAME CAPACITY COUNT");
    return 2;
}

QueueProtocol protocol = args[1] switch
{
    "native" => QueueProtocol.Native,
    "cloudtoid2" => QueueProtocol.CloudtoidV2,
    "cloudtoid2-fork" => QueueProtocol.CloudtoidV2Fork,
    "cloudtoid3" => QueueProtocol.CloudtoidV3,
    _ => throw new ArgumentException($"no protocol: {args[1]}"),
};
int capacity = int.Parse(args[4]);
uint count = uint.Parse(args[5]);
int largest = protocol == QueueProtocol.Native ? capacity : capacity - 8;
byte[] expected = new byte[largest];
var options = new QueueOptions(args[3], args[2], capacity)
{
    Protocol = protocol,
    KeepUndelivered = true,
};
if (args[0] == "publish")
{
    using var publisher = new Publisher(options);
    Console.WriteLine("attached");
    for (uint i = 0; i < count; ++i)
    {
        publisher.Enqueue(Message(i), CancellationToken.None);
    }

    Console.WriteLine("done");
    _ = Console.ReadLine();
    return 0;
}

using var subscriber = new Subscriber(options);
Console.WriteLine("attached");
byte[] buffer = new byte[largest];
for (uint i = 0; i < count; ++i)
{
    ReadOnlySpan<byte> message = subscriber.Dequeue(buffer, CancellationToken.None).Span;
    if (!message.SequenceEqual(Message(i)))
    {
        Console.Error.WriteLine($"message {i} is another: {Convert.ToHexString(message)}");
        return 1;
    }
}

Console.WriteLine("done");
return 0;

ReadOnlySpan<byte> Message(uint index)
{
    uint mixed = (index * 2654435761u) + 12345u;
    mixed ^= mixed >> 15;
    int size = index % 1000 == 999 ? largest : (int)(mixed % Math.Min(1000, (uint)largest));
    Span<byte> head = stackalloc byte[4];
    BinaryPrimitives.WriteUInt32LittleEndian(head, index);
    for (int i = 0; i < size; ++i)
    {
        expected[i] = i < 4 ? head[i] : (byte)((index * 7) + (uint)(i - 4));
    }

    return expected.AsSpan(0, size);
}
