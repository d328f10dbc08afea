// SPDX-License-Identifier: MIT

using System;
using System.IO;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Interprocess;

/// <summary>
/// The three measurements of the original, under its names, and the C++ library's beside them. No timed
/// call finds the queue full or empty: each message that is enqueued is dequeued, in the same call or
/// between two measurements.
/// </summary>
[MemoryDiagnoser]
[MedianColumn]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class QueueBenchmark
{
    private const int Burst = 10_000;
    private const int Rounds = 1_000;
    private const string InOnly = "enqueue";
    private const string InAndOut = "enqueue and dequeue";

    private readonly byte[] message = new byte[64];
    private readonly Memory<byte> buffer = new byte[64];
    private string directory = string.Empty;
    private IPublisher publisher = null!;
    private ISubscriber subscriber = null!;
    private CppPair cpp = null!;

    [GlobalSetup]
    public void Open()
    {
        directory = Directory.CreateTempSubdirectory("interprocess-benchmark-").FullName;
        var options = new QueueOptions("csharp", directory, 1024 * 1024);
        var factory = new QueueFactory();
        publisher = factory.CreatePublisher(options);
        subscriber = factory.CreateSubscriber(options);
        cpp = new CppPair(directory);

        // Until the compiler has seen enough of it: a measurement of a burst is too short for that.
        for (long end = Environment.TickCount64 + 1000; Environment.TickCount64 < end;)
        {
            Enqueue();
            Drain();
        }
    }

    [GlobalCleanup]
    public void Close()
    {
        publisher.Dispose();
        subscriber.Dispose();
        cpp.Dispose();
        Directory.Delete(directory);
    }

    [IterationSetup(Target = nameof(Enqueue))]
    public void Drain()
    {
        while (subscriber.TryDequeue(buffer, default, out _))
        {
        }
    }

    [IterationSetup(Target = nameof(CppEnqueue))]
    public void DrainCpp() => cpp.Drain();

    [BenchmarkCategory(InOnly)]
    [Benchmark(Description = "Message enqueue", OperationsPerInvoke = Burst)]
    public void Enqueue()
    {
        for (int i = 0; i < Burst; ++i)
        {
            if (!publisher.TryEnqueue(message))
            {
                throw new InvalidOperationException("The queue is full.");
            }
        }
    }

    [BenchmarkCategory(InOnly)]
    [Benchmark(Description = "C++: message enqueue", OperationsPerInvoke = Burst, Baseline = true)]
    public void CppEnqueue() => cpp.Enqueue(Burst);

    [BenchmarkCategory(InAndOut)]
    [Benchmark(Description = "Message enqueue and dequeue")]
    public ReadOnlyMemory<byte> EnqueueAndDequeue()
    {
        if (!publisher.TryEnqueue(message))
        {
            throw new InvalidOperationException("The queue is full.");
        }

        return subscriber.Dequeue(buffer, default);
    }

    [BenchmarkCategory(InAndOut)]
    [Benchmark(Description = "Message enqueue and dequeue - no message buffer")]
    public ReadOnlyMemory<byte> EnqueueAndDequeueIntoANewArray()
    {
        if (!publisher.TryEnqueue(message))
        {
            throw new InvalidOperationException("The queue is full.");
        }

        return subscriber.Dequeue(default);
    }

    [BenchmarkCategory(InAndOut)]
    [Benchmark(
        Description = "C++: message enqueue and dequeue", OperationsPerInvoke = Rounds, Baseline = true)]
    public void CppEnqueueAndDequeue() => cpp.EnqueueAndDequeue(Rounds);
}
