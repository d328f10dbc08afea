using System;
using System.IO;
using BenchmarkDotNet.Attributes;
using Interprocess;

/// <summary>
/// The three measurements of the original, under its names. No timed call finds the queue full or
/// empty: each message that is enqueued is dequeued, in the same call or between two measurements.
/// </summary>
[MemoryDiagnoser]
public class QueueBenchmark
{
    private const int Burst = 10_000;

    private readonly byte[] message = new byte[64];
    private readonly Memory<byte> buffer = new byte[64];
    private string directory = string.Empty;
    private IPublisher publisher = null!;
    private ISubscriber subscriber = null!;

    [GlobalSetup]
    public void Open()
    {
        directory = Directory.CreateTempSubdirectory("interprocess-benchmark-").FullName;
        var options = new QueueOptions("benchmark", directory, 1024 * 1024);
        var factory = new QueueFactory();
        publisher = factory.CreatePublisher(options);
        subscriber = factory.CreateSubscriber(options);
    }

    [GlobalCleanup]
    public void Close()
    {
        publisher.Dispose();
        subscriber.Dispose();
        Directory.Delete(directory);
    }

    [IterationSetup(Target = nameof(Enqueue))]
    public void Drain()
    {
        while (subscriber.TryDequeue(buffer, default, out _))
        {
        }
    }

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

    [Benchmark(Description = "Message enqueue and dequeue")]
    public ReadOnlyMemory<byte> EnqueueAndDequeue()
    {
        if (!publisher.TryEnqueue(message))
        {
            throw new InvalidOperationException("The queue is full.");
        }

        return subscriber.Dequeue(buffer, default);
    }

    [Benchmark(Description = "Message enqueue and dequeue - no message buffer")]
    public ReadOnlyMemory<byte> EnqueueAndDequeueIntoANewArray()
    {
        if (!publisher.TryEnqueue(message))
        {
            throw new InvalidOperationException("The queue is full.");
        }

        return subscriber.Dequeue(default);
    }
}
