// SPDX-License-Identifier: MIT

using System;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Interprocess;

/// <inheritdoc/>
public sealed class QueueFactory : IQueueFactory
{
    private readonly ILoggerFactory loggers;

    /// <summary>Makes a factory of publishers and subscribers that log nothing.</summary>
    public QueueFactory()
        : this(NullLoggerFactory.Instance)
    {
    }

    /// <summary>Makes a factory of publishers and subscribers that log their errors.</summary>
    /// <param name="loggerFactory">Makes their loggers.</param>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="loggerFactory"/> is null.
    /// </exception>
    public QueueFactory(ILoggerFactory loggerFactory) =>
        loggers = loggerFactory ?? throw new ArgumentNullException(nameof(loggerFactory));

    /// <inheritdoc/>
    public IPublisher CreatePublisher(QueueOptions options) => new Publisher(options, loggers);

    /// <inheritdoc/>
    public ISubscriber CreateSubscriber(QueueOptions options) => new Subscriber(options, loggers);
}
