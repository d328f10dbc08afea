// As Publisher.cs, with the factory from a container of services, and logging.

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
using IPublisher publisher = factory.CreatePublisher(flags.Queue);
for (long i = 1; i <= flags.Count && !stop.IsCancellationRequested; ++i)
{
    string greeting = $"greeting {i} from process {Environment.ProcessId}";
    if (publisher.TryEnqueue(Encoding.UTF8.GetBytes(greeting)))
    {
        Console.WriteLine($"sent: {greeting}");
    }
    else
    {
        Console.WriteLine("the queue is full");
    }

    if (i < flags.Count)
    {
        stop.WaitHandle.WaitOne(flags.Interval);
    }
}
