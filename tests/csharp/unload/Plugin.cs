// SPDX-License-Identifier: MIT

using System;
using System.Collections.Generic;
using System.Diagnostics.Metrics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Interprocess;
using Drop = Cloudtoid.Interprocess;

/// <summary>Uses the library as a plugin does: loaded into a context that is to be unloaded.</summary>
public static class Plugin
{
    private static readonly byte[] Message = [1, 2, 3];

    private static readonly Dictionary<string, Func<QueueOptions, Task>> Uses = new()
    {
        ["calls that do not wait"] = Try,
        ["waits that a token ends"] = EndByToken,
        ["waits that a timeout ends"] = EndByTimeout,
        ["a wait that disposal ends"] = EndByDisposal,
        ["asynchronous reads"] = Read,
        ["an asynchronous read that a token ends"] = EndReadByToken,
        ["an asynchronous read that disposal ends"] = EndReadByDisposal,
        ["asynchronous reads of a subscriber that is not disposed"] = ReadWithoutDisposal,
        ["asynchronous reads of many queues"] = ReadMany,
        ["a loop over all messages"] = ReadAll,
        ["a channel"] = ReadChannel,
        ["counters"] = Count,
        ["an inspector"] = Inspect,
        ["the original's interfaces"] = UseDropIn,
    };

    public static string[] Names => [.. Uses.Keys];

    public static void Run(string use, string directory) =>
        Uses[use](new QueueOptions("q" + Guid.NewGuid().ToString("N"), directory, 4096)).GetAwaiter().GetResult();

    private static Task Try(QueueOptions options)
    {
        using var publisher = new Publisher(options);
        using var subscriber = new Subscriber(options);
        Expect(publisher.TryEnqueue(Message));
        Expect(subscriber.TryDequeue(default, out _));
        publisher.Reserve(3).Commit();
        using BorrowedMessage borrowed = subscriber.Borrow();
        borrowed.Acknowledge();
        return Task.CompletedTask;
    }

    private static Task EndByToken(QueueOptions options)
    {
        using var subscriber = new Subscriber(options);
        for (int i = 0; i < 3; ++i)
        {
            using var stop = new CancellationTokenSource(1);
            try
            {
                subscriber.Dequeue(stop.Token);
                throw new InvalidOperationException("nothing ended it");
            }
            catch (OperationCanceledException)
            {
            }
        }

        return Task.CompletedTask;
    }

    private static Task EndByTimeout(QueueOptions options)
    {
        using var subscriber = new Subscriber(options);
        Expect(!subscriber.Dequeue(TimeSpan.FromMilliseconds(1), default, out _));
        return Task.CompletedTask;
    }

    private static Task EndByDisposal(QueueOptions options)
    {
        var subscriber = new Subscriber(options);
        var waiting = new Thread(() =>
        {
            try
            {
                subscriber.Dequeue(default);
            }
            catch (ObjectDisposedException)
            {
            }
        });
        waiting.Start();
        subscriber.Dispose();
        waiting.Join();
        return Task.CompletedTask;
    }

    private static async Task Read(QueueOptions options)
    {
        using var publisher = new Publisher(options);
        using var subscriber = new Subscriber(options);
        for (int i = 0; i < 3; ++i)
        {
            ValueTask<ReadOnlyMemory<byte>> read = subscriber.DequeueAsync();
            publisher.TryEnqueue(Message);
            Expect((await read).Length == 3);
        }
    }

    private static async Task EndReadByToken(QueueOptions options)
    {
        using var subscriber = new Subscriber(options);
        using var stop = new CancellationTokenSource();
        Task read = subscriber.DequeueAsync(stop.Token).AsTask();
        stop.Cancel();
        await Ends<OperationCanceledException>(read);
    }

    private static async Task EndReadByDisposal(QueueOptions options)
    {
        var subscriber = new Subscriber(options);
        Task read = subscriber.DequeueAsync().AsTask();
        subscriber.Dispose();
        await Ends<ObjectDisposedException>(read);
    }

    private static async Task ReadWithoutDisposal(QueueOptions options)
    {
        using var publisher = new Publisher(options);
        ValueTask<ReadOnlyMemory<byte>> read = new Subscriber(options).DequeueAsync();
        publisher.TryEnqueue(Message);
        await read;
    }

    private static async Task ReadMany(QueueOptions options)
    {
        QueueOptions[] all = Enumerable.Range(0, 150)
            .Select(i => new QueueOptions($"{options.QueueName}-{i}", options.Path, 4096)).ToArray();
        Subscriber[] subscribers = all.Select(one => new Subscriber(one)).ToArray();
        Task[] reads = subscribers.Select(one => one.DequeueAsync().AsTask()).ToArray();
        foreach (QueueOptions one in all)
        {
            using var publisher = new Publisher(one);
            publisher.TryEnqueue(Message);
        }

        await Task.WhenAll(reads);
        Array.ForEach(subscribers, one => one.Dispose());
    }

    private static async Task ReadAll(QueueOptions options)
    {
        using var publisher = new Publisher(options);
        using var subscriber = new Subscriber(options);
        publisher.TryEnqueue(Message);
        await foreach (ReadOnlyMemory<byte> message in subscriber.ReadAllAsync())
        {
            if (message.Length == 3)
            {
                publisher.TryEnqueue(default);
            }
            else
            {
                subscriber.Dispose();
            }
        }
    }

    private static async Task ReadChannel(QueueOptions options)
    {
        using var publisher = new Publisher(options);
        using var subscriber = new Subscriber(options);
        ValueTask<bool> arrival = subscriber.AsChannelReader().WaitToReadAsync();
        publisher.TryEnqueue(Message);
        Expect(await arrival);
    }

    private static async Task Count(QueueOptions options)
    {
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Interprocess")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        long count = 0;
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => count += value);
        listener.Start();
        await Try(options);
        Expect(count > 0);
    }

    private static Task Inspect(QueueOptions options)
    {
        using var publisher = new Publisher(options);
        using var inspector = new QueueInspector(options);
        Expect(inspector.Report().Participants.Count == 1 && inspector.Check().Count == 0);
        return Task.CompletedTask;
    }

    private static Task UseDropIn(QueueOptions options)
    {
        var factory = new Drop.QueueFactory();
        var same = new Drop.QueueOptions(options.QueueName, options.Path, 1024);
        using Drop.IPublisher publisher = factory.CreatePublisher(same);
        using Drop.ISubscriber subscriber = factory.CreateSubscriber(same);
        Expect(publisher.TryEnqueue(Message));
        Expect(subscriber.Dequeue(default).Length == 3);
        return Task.CompletedTask;
    }

    private static async Task Ends<T>(Task task)
        where T : Exception
    {
        try
        {
            await task;
        }
        catch (T)
        {
            return;
        }

        throw new InvalidOperationException($"no {typeof(T)}");
    }

    private static void Expect(bool condition)
    {
        if (!condition)
        {
            throw new InvalidOperationException("not as expected");
        }
    }
}
