// As Subscriber.cs, with the factory from a container of services, and asynchronously.

using System;
using System.Text;
using System.Threading;
using Interprocess;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

var flags = new Flags(args);
CancellationToken stop = Flags.StopOnCtrlC();
using ServiceProvider services = new ServiceCollection()
    .AddInterprocessQueue() // the factory of queues
    .AddLogging(logging => logging.AddConsole()) // optional
    .BuildServiceProvider();
var factory = services.GetRequiredService<IQueueFactory>();
using ISubscriber subscriber = factory.CreateSubscriber(flags.Queue);
long received = 0;
try
{
    // No thread waits here.
    await foreach (ReadOnlyMemory<byte> message in subscriber.ReadAllAsync(stop))
    {
        Console.WriteLine($"received: {Encoding.UTF8.GetString(message.Span)}");
        if (++received == flags.Count)
        {
            break;
        }
    }
}
catch (OperationCanceledException)
{
    // Ctrl-C while it waited.
}
