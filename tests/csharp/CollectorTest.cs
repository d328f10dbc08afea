// SPDX-License-Identifier: MIT

using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Interprocess;
using Xunit;

/// <summary>The garbage collector at work. Counts allocate, so these tests do not run beside those of counters.</summary>
[Collection("counters")]
public sealed class CollectorTest : IDisposable
{
    private static int finalized;
    private static int refused;

    private readonly Scratch scratch = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => scratch.Dispose();

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
    public void FinalizersOfTheProgramMayUseTheirEndpoints()
    {
        const int Owners = 40;
        QueueOptions options = scratch.NewQueue();
        using var witness = new Subscriber(options);
        for (int i = 0; i < Owners; ++i)
        {
            AbandonOwner(options, makeOwnerFirst: i % 2 == 0);
        }

        Waiting.Until(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return Volatile.Read(ref finalized) == 2 * Owners
                    && new QueueInspector(options).Report().Participants.Count == 1;
            },
            "every owner has been finalized twice, and left");

        // The first time the endpoint worked, the second time it may have been gone.
        int messages = witness.TryDequeueBatch(2 * Owners, (_, _) => { });
        Assert.InRange(messages, Owners, 2 * Owners);
        Assert.Equal(2 * Owners, messages + refused);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AbandonOwner(QueueOptions options, bool makeOwnerFirst)
    {
        Owner? owner = makeOwnerFirst ? new Owner() : null;
        var publisher = new Publisher(options);
        owner ??= new Owner();
        owner.Publisher = publisher;
    }

    /// <summary>Calls its publisher from its finalizer, and again from a second one.</summary>
    private sealed class Owner
    {
        private bool again;

        ~Owner()
        {
            try
            {
                Publisher!.TryEnqueue([1]);
            }
            catch (ObjectDisposedException) when (again)
            {
                Interlocked.Increment(ref refused);
            }

            if (again)
            {
                Publisher!.Dispose();
            }
            else
            {
                again = true;
                GC.ReRegisterForFinalize(this);
            }

            Interlocked.Increment(ref finalized);
        }

        public Publisher? Publisher { get; set; }
    }
}
