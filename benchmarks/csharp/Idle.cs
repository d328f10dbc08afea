// SPDX-License-Identifier: MIT

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

const int Queues = 100;
const int Rounds = 5;

string directory = Directory.CreateTempSubdirectory("interprocess-benchmark-").FullName;
QueueOptions[] options = Enumerable.Range(0, Queues)
    .Select(i => new QueueOptions($"idle-{i}", directory, 4096))
    .ToArray();
Subscriber[] subscribers = options.Select(one => new Subscriber(one)).ToArray();
Task<ReadOnlyMemory<byte>>[] reads = subscribers.Select(s => s.DequeueAsync().AsTask()).ToArray();

// The compiler has its second look at what ran thirty times, in a thread of its own: that is no cost of
// waiting. A sleep of the waiter is at most 0.4 s.
Thread.Sleep(20_000);
double[] spent = new double[Rounds];
for (int round = 0; round < Rounds; ++round)
{
    TimeSpan before = Environment.CpuUsage.TotalTime;
    Thread.Sleep(5000);
    spent[round] = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds;
}

Console.WriteLine($"{Queues} reads, 5 s, ms of CPU of the whole process: {string.Join(" ", spent.Select(ms => $"{ms:f2}"))}");
Console.WriteLine($"median {Median(spent):f2} (bar: 5)");

Publisher[] publishers = options.Select(one => new Publisher(one)).ToArray();
double[] wakes = new double[Queues];
for (int i = 0; i < Queues; ++i)
{
    long start = Stopwatch.GetTimestamp();
    publishers[i].TryEnqueue([1]);
    reads[i].Wait();
    wakes[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
}

Console.WriteLine($"from enqueue to the end of a read, us: median {Median(wakes):f0}, maximum {wakes.Max():f0}");
Array.ForEach(publishers, publisher => publisher.Dispose());
Array.ForEach(subscribers, subscriber => subscriber.Dispose());
Directory.Delete(directory, recursive: true);

static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
