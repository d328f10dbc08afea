// SPDX-License-Identifier: MIT

using System;
using System.IO;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Ours = global::Interprocess;

namespace Cloudtoid.Interprocess;

/// <inheritdoc/>
public sealed class QueueFactory : IQueueFactory
{
    // The longest file name of Unix systems, less the ".qu" of the format.
    private const int MaxNameLength = 252;

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
    public IPublisher CreatePublisher(QueueOptions options) => new PublisherAdapter(
        Open(options, static (options, loggers) => new Ours.Publisher(options, loggers)),
        loggers.CreateLogger("Cloudtoid.Interprocess.Publisher"));

    /// <inheritdoc/>
    public ISubscriber CreateSubscriber(QueueOptions options) => new SubscriberAdapter(
        Open(options, static (options, loggers) => new Ours.Subscriber(options, loggers)));

    private T Open<T>(QueueOptions options, Func<QueueOptions, ILoggerFactory, T> open)
    {
        try
        {
            return open(options, loggers);
        }
        catch (Exception e) when (AsTheOriginal(e, options) is { } other)
        {
            throw other;
        }
    }

    /// <summary>
    /// Returns the exception that the original throws where this library throws
    /// <paramref name="e"/>; null if it has none of its own.
    /// </summary>
    private static Exception? AsTheOriginal(Exception e, QueueOptions options) => e switch
    {
        ArgumentNullException => null,
        ArgumentException when options.QueueName.IndexOfAny(['/', '\\']) >= 0 =>
            new DirectoryNotFoundException(e.Message, e),
        ArgumentException when Encoding.UTF8.GetByteCount(options.QueueName) > MaxNameLength =>
            new PathTooLongException(e.Message, e),
        Ours.QueueException { Error: Ours.QueueError.PermissionDenied } =>
            new UnauthorizedAccessException(e.Message, e),
        Ours.QueueException { Error: Ours.QueueError.FailedPrecondition } when IsLarger(options) =>
            new ArgumentOutOfRangeException("capacity", options.Capacity, e.Message),
        _ => null,
    };

    private static bool IsLarger(QueueOptions options)
    {
        try
        {
            using var inspector = new Ours.QueueInspector(options);
            return inspector.Report().Capacity > options.Capacity;
        }
        catch (Ours.QueueException)
        {
            return false;
        }
    }
}
