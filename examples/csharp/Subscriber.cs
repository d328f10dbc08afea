// Takes greetings from a queue, until Ctrl-C.

using System;
using System.Text;
using System.Threading;
using Interprocess;

var flags = new Flags(args);
CancellationToken stop = Flags.StopOnCtrlC();
var factory = new QueueFactory();
using ISubscriber subscriber = factory.CreateSubscriber(flags.Queue);
byte[] buffer = new byte[1024];
try
{
    for (long i = 0; i < flags.Count; ++i)
    {
        ReadOnlyMemory<byte> message = subscriber.Dequeue(buffer, stop);
        Console.WriteLine($"received: {Encoding.UTF8.GetString(message.Span)}");
    }
}
catch (OperationCanceledException)
{
    // Ctrl-C while it waited.
}
