// SPDX-License-Identifier: MIT

using System;
using System.Threading;
using System.Threading.Tasks;
using Interprocess;
using Xunit;

/// <summary>What is opened and closed leaves nothing behind.</summary>
public sealed class LeakTest : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Theory]
    [InlineData(QueueProtocol.Native)]
    [InlineData(QueueProtocol.CloudtoidV2)]
    [InlineData(QueueProtocol.CloudtoidV3)]
    public async Task ThousandOpensAndClosesLeaveNothing(QueueProtocol protocol)
    {
        await Use(protocol, 100);
        (int handles, long bytes) = Settle();
        await Use(protocol, 1000);
        (int handlesAfter, long bytesAfter) = Settle();
        Assert.Equal(handles, handlesAfter);
        Assert.Equal(0, Proc.MappingsBelow(scratch.Path));

        // Caches of the runtime grow by some kilobytes; an object for each open would be more.
        Assert.InRange(bytesAfter - bytes, long.MinValue, 24 * 1000);
    }

    /// <summary>Waits until the threads are gone and the collector has finished.</summary>
    private static (int Handles, long Bytes) Settle()
    {
        Waiting.Until(() => Proc.Threads("Interprocess reads") == 0, "the threads have ended");
        for (int i = 0; i < 3; ++i)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return (Proc.Handles, GC.GetTotalMemory(forceFullCollection: true));
    }

    private async Task Use(QueueProtocol protocol, int times)
    {
        var options = new QueueOptions("q", scratch.Path, 4096) { Protocol = protocol };
        for (int i = 0; i < times; ++i)
        {
            using var publisher = new Publisher(options);
            using var subscriber = new Subscriber(options);
            Task<ReadOnlyMemory<byte>> read = subscriber.DequeueAsync(TestContext.Current.CancellationToken).AsTask();
            publisher.TryEnqueue([1]);
            await read;
            using (var inspector = new QueueInspector(options))
            {
                Assert.Equal(0, inspector.Report().Ready);
            }

            using var stop = new CancellationTokenSource();
            publisher.Enqueue([2], stop.Token);
            subscriber.Dequeue(stop.Token);
        }
    }
}
