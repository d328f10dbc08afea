using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics.Metrics;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using Interprocess;
using Xunit;

/// <summary>Threads, the garbage collector, bad input.</summary>
public sealed class EndpointTest : IDisposable
{
    private readonly Scratch scratch = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void ThreadsShareEndpoints()
    {
        const int Each = 2000;
        QueueOptions options = scratch.NewQueue();
        using var publisher = new Publisher(options);
        using var subscriber = new Subscriber(options);
        var received = new ConcurrentBag<int>();
        Thread[] threads =
        [
            .. Enumerable.Range(0, 3).Select(id => new Thread(() =>
            {
                for (int i = 0; i < Each; ++i)
                {
                    publisher.Enqueue(BitConverter.GetBytes((id * Each) + i), Stop);
                }
            })),
            .. Enumerable.Range(0, 3).Select(_ => new Thread(() =>
            {
                byte[] buffer = new byte[4];
                for (int i = 0; i < Each; ++i)
                {
                    received.Add(BitConverter.ToInt32(subscriber.Dequeue(buffer, Stop).Span));
                }
            })),
        ];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Equal(Enumerable.Range(0, 3 * Each), received.Order());
    }

    [Fact]
    public void DisposalRacesWithEveryCall()
    {
        for (int round = 0; round < 50; ++round)
        {
            QueueOptions options = scratch.NewQueue();
            var publisher = new Publisher(options);
            var subscriber = new Subscriber(options);
            using var start = new Barrier(6);
            Task[] tasks =
            [
                Race(() => publisher.TryEnqueue([1, 2, 3])),
                Race(() => subscriber.TryDequeue(default, out _)),
                Race(() => subscriber.Dequeue(default)),
                Race(() =>
                {
                    if (publisher.TryReserve(100, out Reservation reservation))
                    {
                        using (reservation)
                        {
                            reservation.Span.Fill(7);
                            reservation.Commit();
                        }
                    }
                }),
                Race(() => subscriber.DequeueAsync(Stop).AsTask().GetAwaiter().GetResult()),
                Task.Factory.StartNew(
                    () =>
                    {
                        start.SignalAndWait();
                        Thread.Yield();
                        subscriber.Dispose();
                        publisher.Dispose();
                    },
                    TaskCreationOptions.LongRunning),
            ];
            Assert.True(Task.WaitAll(tasks, TimeSpan.FromMinutes(1)));

            Task Race(Action call) => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    try
                    {
                        while (true)
                        {
                            call();
                        }
                    }
                    catch (ObjectDisposedException)
                    {
                    }
                },
                TaskCreationOptions.LongRunning);
        }
    }

    [Fact]
    public void CollectorMovesWhatItLikes()
    {
        QueueOptions options = scratch.NewQueue();
        using var publisher = new Publisher(options);
        using var subscriber = new Subscriber(options);
        using var stop = new CancellationTokenSource();
        var collecting = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            }
        });
        collecting.Start();
        var random = new Random(1);
        for (int i = 0; i < 3000; ++i)
        {
            byte[] sent = new byte[random.Next(2000)];
            random.NextBytes(sent);
            publisher.Enqueue(sent, Stop);
            byte[] got = i % 2 == 0
                ? subscriber.Dequeue(Stop).ToArray()
                : subscriber.Dequeue(new byte[2000], Stop).ToArray();
            Assert.Equal(sent, got);
        }

        stop.Cancel();
        collecting.Join();
    }

    [Fact]
    public void FinalizerLeavesTheQueue()
    {
        QueueOptions options = scratch.NewQueue();
        using var witness = new Publisher(options);
        Abandon(options);
        Waiting.Until(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return new QueueInspector(options).Report().Participants.Count == 1;
            },
            "the abandoned endpoints have left");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Abandon(QueueOptions options)
    {
        var publisher = new Publisher(options);
        publisher.TryEnqueue([1]);
        _ = new Subscriber(options);
    }

    [Fact]
    public void CallsAllocateNothing()
    {
        QueueOptions options = scratch.NewQueue();
        using IPublisher publisher = new QueueFactory().CreatePublisher(options);
        using ISubscriber subscriber = new QueueFactory().CreateSubscriber(options);
        byte[] message = new byte[64];
        Memory<byte> buffer = new byte[64];
        Exchange();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exchange();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Exchange()
        {
            for (int i = 0; i < 1000; ++i)
            {
                publisher.TryEnqueue(message);
                subscriber.TryDequeue(buffer, default, out _);
                publisher.TryEnqueue(message);
                subscriber.Dequeue(buffer, default);
                subscriber.TryDequeue(buffer, default, out _);
            }
        }
    }

    [Fact]
    public void PathThatCannotBeUsedIsNamed()
    {
        Assert.Equal(
            "path", Assert.Throws<ArgumentException>(() => new QueueOptions("q", "/x\0y", 4096)).ParamName);
        foreach (string path in (string[])[scratch.Path + "/missing", "not/absolute"])
        {
            var options = new QueueOptions("queue", path, 4096);
            Exception thrown = Assert.ThrowsAny<Exception>(() => new Publisher(options));
            Assert.True(thrown is QueueException or ArgumentException, thrown.ToString());
            Assert.Contains(path, thrown.Message);
        }

        string file = Path.Combine(scratch.Path, "file");
        File.WriteAllText(file, "no directory");
        Assert.Contains(
            file,
            Assert.ThrowsAny<Exception>(() => new Subscriber(new QueueOptions("queue", file, 4096))).Message);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("nul\0")]
    public void NameThatCannotBeUsedIsAnArgument(string name) =>
        Assert.Throws<ArgumentException>(() => new Publisher(new QueueOptions(name, scratch.Path, 4096)));

    [Fact]
    public void DamagedQueueIsDataLoss()
    {
        QueueOptions options = scratch.NewQueue();
        using (var publisher = new Publisher(Kept(options)))
        {
            publisher.TryEnqueue([1, 2, 3]);
            string file = new QueueInspector(options).Report().Path;
            byte[] bytes = File.ReadAllBytes(file);
            bytes.AsSpan(0, 64).Fill(0xff);
            File.WriteAllBytes(file + ".new", bytes);
            File.Move(file + ".new", file, overwrite: true);
        }

        Assert.Equal(
            QueueError.DataLoss, Assert.Throws<QueueException>(() => new Subscriber(options)).Error);
    }

    [Fact]
    public void NegativeTimeoutIsOutOfRange()
    {
        QueueOptions options = scratch.NewQueue();
        using var subscriber = new Subscriber(options);
        Assert.Equal(
            "timeout",
            Assert.Throws<ArgumentOutOfRangeException>(
                () => subscriber.Dequeue(TimeSpan.FromMilliseconds(-2), Stop, out _)).ParamName);
    }

    [Fact]
    public void HandlerThatThrowsGivesTheRestBack()
    {
        QueueOptions options = scratch.NewQueue();
        using var publisher = new Publisher(options);
        using var subscriber = new Subscriber(options);
        for (byte i = 0; i < 5; ++i)
        {
            publisher.TryEnqueue([i]);
        }

        Assert.Throws<TimeZoneNotFoundException>(() => subscriber.TryDequeueBatch(
            5,
            (message, _) =>
            {
                if (message[0] == 2)
                {
                    throw new TimeZoneNotFoundException();
                }
            }));
        var rest = new List<byte>();
        while (subscriber.TryDequeue(default, out ReadOnlyMemory<byte> message))
        {
            rest.Add(message.Span[0]);
        }

        Assert.Equal(new byte[] { 2, 3, 4 }, rest.Order());
    }

    [Fact]
    public void CountersAreForThoseWhoListen()
    {
        QueueOptions options = scratch.NewQueue();
        var counted = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Meter.Name == "Interprocess")
            {
                own.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (tags.ToArray().Any(tag => tag.Key == "queue" && (string?)tag.Value == options.QueueName))
            {
                counted.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value);
            }
        });
        listener.Start();
        using var publisher = new Publisher(options);
        using var subscriber = new Subscriber(options);
        publisher.TryEnqueue(new byte[10]);
        publisher.TryEnqueueBatch([new byte[5], new byte[6]]);
        subscriber.TryDequeue(default, out _);
        subscriber.TryDequeueBatch(5, (_, _) => { });
        Assert.Equal(3, counted["interprocess.enqueued.messages"]);
        Assert.Equal(21, counted["interprocess.enqueued.bytes"]);
        Assert.Equal(3, counted["interprocess.dequeued.messages"]);
        Assert.Equal(21, counted["interprocess.dequeued.bytes"]);
    }

    private static QueueOptions Kept(QueueOptions options) =>
        new(options.QueueName, options.Path, options.Capacity) { KeepUndelivered = true };
}
