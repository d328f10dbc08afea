// SPDX-License-Identifier: MIT

using System;
using System.Threading;
using Microsoft.Extensions.Logging;
using Ours = global::Interprocess;

namespace Cloudtoid.Interprocess;

/// <summary>A publisher that behaves as one of the original.</summary>
internal sealed partial class PublisherAdapter : IPublisher
{
    private readonly ILogger logger;
    private readonly long maxMessageSize;
    private int warned;

    public PublisherAdapter(Ours.Publisher publisher, ILogger logger)
    {
        Publisher = publisher;
        this.logger = logger;
        maxMessageSize = publisher.MaxMessageSize;
    }

    public Ours.Publisher Publisher { get; }

    public bool TryEnqueue(ReadOnlySpan<byte> message) =>
        message.Length <= maxMessageSize ? Publisher.TryEnqueue(message) : NeverFits(message.Length);

    public void Dispose() => Publisher.Dispose();

    [LoggerMessage(
        1,
        LogLevel.Warning,
        "A message of {Size} bytes never fits into queue '{Queue}', which takes at most {Most}. TryEnqueue"
        + " returns false for each such message; this is logged once for each publisher.")]
    private static partial void LogNeverFits(ILogger logger, string queue, int size, long most);

    private bool NeverFits(int size)
    {
        // A disposed publisher throws, whatever the message.
        Publisher.ThrowIfDisposed();
        if (Interlocked.Exchange(ref warned, 1) == 0)
        {
            LogNeverFits(logger, Publisher.QueueName, size, maxMessageSize);
        }

        return false;
    }
}
