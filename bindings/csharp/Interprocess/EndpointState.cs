// SPDX-License-Identifier: MIT

using System;
using System.Threading;
using Interprocess.Interop;
using Microsoft.Extensions.Logging;

namespace Interprocess;

/// <summary>The part that publishers and subscribers share: names, errors, disposal.</summary>
internal sealed class EndpointState
{
    private readonly QueueOptions options;
    private readonly ILogger logger;
    private readonly string type;
    private int disposed;

    public EndpointState(QueueOptions? options, ILogger logger, string type)
    {
        this.options = options ?? throw new ArgumentNullException(nameof(options));
        QueueName = options.QueueName;
        this.logger = logger;
        this.type = type;
    }

    public string QueueName { get; }

    public bool IsDisposed => Volatile.Read(ref disposed) != 0;

    /// <summary>Converts a time; one that is too long for the result becomes the longest.</summary>
    public static long ToNanoseconds(TimeSpan time) =>
        time.Ticks > long.MaxValue / 100 ? long.MaxValue : time.Ticks * 100;

    /// <summary>
    /// Returns what <paramref name="open"/> returns; if that is null, throws and logs the error
    /// that it reports.
    /// </summary>
    public T Open<T>(Func<FaceOptions, FaceError, T?> open)
        where T : class
    {
        using var faceOptions = new FaceOptions
        {
            Name = QueueName,
            Directory = options.FaceDirectory,
            Capacity = options.Capacity,
            Protocol = (int)options.Protocol,
            Mode = (int)options.Mode,
            Access = (int)options.Access,
            MaxParticipants = options.MaxParticipants,
            KeepUndelivered = options.KeepUndelivered,
            ReserveSpace = options.ReserveSpace,
            Account = options.Account,
            AcrossSessions = options.AcrossSessions,
            OnePublisher = options.OnePublisher,
            OneSubscriber = options.OneSubscriber,
        };
        using var error = new FaceError();
        if (open(faceOptions, error) is { } opened)
        {
            return opened;
        }

        var code = (QueueError)error.Code();
        string text = error.Text();
        Log.CannotOpen(logger, type, QueueName, options.Path, code, text);
        throw code == QueueError.InvalidArgument
            ? new ArgumentException(text, nameof(options))
            : new QueueException(code, text);
    }

    public void Opened(long capacity) =>
        Log.Opened(logger, type, QueueName, options.Path, capacity, options.Protocol);

    /// <summary>Returns false if a call before this one has begun the disposal.</summary>
    public bool BeginDispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return false;
        }

        Log.Closed(logger, type, QueueName);
        return true;
    }

    /// <summary>
    /// Logs what a native close reports, and returns it as an exception; null if all is well.
    /// </summary>
    public QueueException? NotRemoved(long result, Func<long, string> textOf)
    {
        if (result >= 0)
        {
            return null;
        }

        QueueError error = Result.ErrorOf(result);
        string text = textOf(result);
        Log.NotRemoved(logger, type, QueueName, error, text);
        return new QueueException(error, text);
    }

    public ObjectDisposedException Disposed() =>
        new(type, $"The {type.ToLowerInvariant()} of queue '{QueueName}' was disposed.");

    public Exception Failure(QueueError error, string text, CancellationToken cancellation)
    {
        if (error == QueueError.Cancelled)
        {
            return new OperationCanceledException(cancellation);
        }

        if (error == QueueError.FailedPrecondition && IsDisposed)
        {
            return Disposed();
        }

        Log.Failed(logger, type, QueueName, error, text);
        return new QueueException(error, text);
    }

    public void Truncated(long size, int room) =>
        Log.Truncated(logger, QueueName, size, room);
}
