// What waiting costs: asynchronous reads on 100 idle queues.
//
//   ./bazelw run -c opt //benchmarks/csharp:idle

using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Interprocess;

string directory = Directory.CreateTempSubdirectory("interprocess-benchmark-").FullName;
Subscriber[] subscribers = Enumerable.Range(0, 100)
    .Select(i => new Subscriber(new QueueOptions($"idle-{i}", directory, 4096)))
    .ToArray();
Task<ReadOnlyMemory<byte>>[] reads = subscribers.Select(s => s.DequeueAsync().AsTask()).ToArray();
Thread.Sleep(1000);
for (int round = 0; round < 5; ++round)
{
    TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
    long waiterBefore = WaiterTicks();
    Thread.Sleep(5000);
    TimeSpan spent = Process.GetCurrentProcess().TotalProcessorTime - before;
    Console.WriteLine(
        $"100 reads, 5 s: {spent.TotalMilliseconds:f1} ms of CPU, the waiter's thread"
        + $" {(WaiterTicks() - waiterBefore) / 1e6:f2} ms");
}

var watch = Stopwatch.StartNew();
using (var publisher = new Publisher(new QueueOptions("idle-50", directory, 4096)))
{
    publisher.TryEnqueue([1]);
    reads[50].Wait();
}

Console.WriteLine($"a message arrived after {watch.Elapsed.TotalMicroseconds:f0} us");
foreach (Subscriber subscriber in subscribers)
{
    subscriber.Dispose();
}

Directory.Delete(directory, recursive: true);

// Nanoseconds that the thread "Interprocess waiter" ran; the kernel keeps 15 letters of its name.
static long WaiterTicks() => Directory.GetDirectories("/proc/self/task")
    .Where(task => File.ReadAllText(task + "/comm").StartsWith("Interprocess wa", StringComparison.Ordinal))
    .Sum(task => long.Parse(File.ReadAllText(task + "/schedstat").Split(' ')[0]));
