// SPDX-License-Identifier: MIT

using System;
using System.Threading;
using Interprocess;
using Xunit;

/// <summary>A queue of its own for each test, with a publisher and a subscriber.</summary>
public abstract class PairTest : IDisposable
{
    protected const int Capacity = 4096;

    protected PairTest()
    {
        Options = Scratch.NewQueue(Capacity);
        Publisher = new Publisher(Options);
        Subscriber = new Subscriber(Options);
    }

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected Scratch Scratch { get; } = new();

    protected QueueOptions Options { get; }

    protected Publisher Publisher { get; }

    protected Subscriber Subscriber { get; }

    public void Dispose()
    {
        Publisher.Dispose();
        Subscriber.Dispose();
        Scratch.Dispose();
    }
}
