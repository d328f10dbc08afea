// SPDX-License-Identifier: MIT

// lines publish DIRECTORY QUEUE < LINES: each line is a message.
// lines subscribe DIRECTORY QUEUE COUNT > LINES: the other way, COUNT messages.

using System;
using System.IO;
using System.Threading;
using Interprocess;

var options = new QueueOptions(args[2], args[1], 1024 * 1024) { KeepUndelivered = true };
switch (args[0])
{
    case "publish":
        using (var publisher = new Publisher(options))
        {
            Publish(Console.OpenStandardInput(), publisher);
            return 0;
        }

    case "subscribe":
        using (var subscriber = new Subscriber(options))
        {
            Subscribe(subscriber, long.Parse(args[3]), Console.OpenStandardOutput());
            return 0;
        }

    default:
        Console.Error.WriteLine("publish or subscribe");
        return 2;
}

static void Publish(Stream input, Publisher publisher)
{
    byte[] buffer = new byte[1 << 20];
    int filled = 0;
    int read;
    while ((read = input.Read(buffer, filled, buffer.Length - filled)) > 0)
    {
        filled += read;
        int start = 0;
        int size;
        while ((size = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n')) >= 0)
        {
            publisher.Enqueue(buffer.AsSpan(start, size), CancellationToken.None);
            start += size + 1;
        }

        buffer.AsSpan(start, filled - start).CopyTo(buffer);
        filled -= start;
    }
}

static void Subscribe(Subscriber subscriber, long count, Stream output)
{
    using var buffered = new BufferedStream(output, 1 << 16);
    byte[] buffer = new byte[1 << 20];
    for (; count > 0; --count)
    {
        buffered.Write(subscriber.Dequeue(buffer, CancellationToken.None).Span);
        buffered.WriteByte((byte)'\n');
    }
}
