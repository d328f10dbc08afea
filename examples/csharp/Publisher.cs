// Puts a greeting into a queue every now and then, until Ctrl-C. Start any number of publishers and
// subscribers, of any language, in any order.

using System;
using System.Text;
using System.Threading;
using Interprocess;

var flags = new Flags(args);
CancellationToken stop = Flags.StopOnCtrlC();
var factory = new QueueFactory();
using IPublisher publisher = factory.CreatePublisher(flags.Queue);
try
{
    for (long i = 1; i <= flags.Count && !stop.IsCancellationRequested; ++i)
    {
        string greeting = $"greeting {i} from process {Environment.ProcessId}";

        // Waits while the queue is full; TryEnqueue, which the interface has, would return false.
        publisher.Enqueue(Encoding.UTF8.GetBytes(greeting), stop);
        Console.WriteLine($"sent: {greeting}");
        if (i < flags.Count)
        {
            stop.WaitHandle.WaitOne(flags.Interval);
        }
    }
}
catch (OperationCanceledException)
{
    // Ctrl-C while it waited.
}
