// SPDX-License-Identifier: MIT

using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Interprocess;
using Xunit;

/// <summary>Threads that share an endpoint, and counters.</summary>
[Collection("counters")]
public sealed class EndpointTest : IDisposable
{
    private readonly Scratch scratch = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void CloseTellsOnceThatTheQueueStays()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/flock"), "flock(1) is not installed");
        foreach (bool quietly in (bool[])[false, true])
        {
            QueueOptions options = scratch.NewQueue();
            var publisher = new Publisher(options);
            var subscriber = new Subscriber(options);
            publisher.Close(); // not the last: nothing is to be removed
            using Process holder = LockDirectory(options.Path);
            if (quietly)
            {
                subscriber.Dispose();
                subscriber.Close();
            }
            else
            {
                var thrown = Assert.Throws<QueueException>(subscriber.Close);
                Assert.Equal(QueueError.Unavailable, thrown.Error);
                Assert.Contains("lock directory", thrown.Message);
                subscriber.Close();
                subscriber.Dispose();
            }

            holder.StandardInput.Close();
            holder.WaitForExit();
        }
    }

    /// <summary>Holds the lock, as a process that makes a queue does while it is stopped.</summary>
    private static Process LockDirectory(string path)
    {
        var start = new ProcessStartInfo("/usr/bin/flock", [path, "sh", "-c", "echo locked; read end || true"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Process process = Process.Start(start)!;
        Assert.Equal("locked", process.StandardOutput.ReadLine());
        return process;
    }

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

    [Theory]
    [InlineData(QueueProtocol.Native)]
    [InlineData(QueueProtocol.CloudtoidV2)]
    [InlineData(QueueProtocol.CloudtoidV3)]
    public void InspectorShowsMessagesAndLeavesThem(QueueProtocol protocol)
    {
        QueueOptions plain = scratch.NewQueue();
        var options = new QueueOptions(plain.QueueName, plain.Path, plain.Capacity) { Protocol = protocol };
        using var publisher = new Publisher(options);
        using var inspector = new QueueInspector(options);
        byte[][] messages = [[1, 2, 3], [], new byte[1000]];
        Assert.Equal(3, publisher.TryEnqueueBatch(messages.Select(message => new ReadOnlyMemory<byte>(message)).ToArray()));
        Assert.Equal(protocol, inspector.Report().Protocol);
        Assert.Equal(3, inspector.Report().Ready);
        Assert.Equal(messages, inspector.Peek(10));
        Assert.Equal(messages.Take(1), inspector.Peek(1));
        Assert.Empty(inspector.Peek(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => inspector.Peek(-1));
        using var subscriber = new Subscriber(options);
        Assert.Equal(3, subscriber.TryDequeueBatch(10, (_, _) => { }));
    }

    [Fact]
    public void ReportsPrintThemselves()
    {
        QueueOptions options = scratch.NewQueue(4096);
        using var publisher = new Publisher(options);
        publisher.TryEnqueue([1, 2, 3]);
        using var inspector = new QueueInspector(options);
        QueueReport report = inspector.Report();
        Assert.Equal(
            $"queue '{options.QueueName}' ({report.Path}), protocol Native, 4096 bytes: 1 messages of 3 bytes wait, 0"
                + " reserved, 0 handed out; 1 participants",
            report.ToString());
        Assert.Equal(
            $"publisher {report.Participants[0].Id} of process {Environment.ProcessId}, alive: 1 messages, 3 bytes;"
                + " holds 0",
            report.Participants[0].ToString());
    }
}
