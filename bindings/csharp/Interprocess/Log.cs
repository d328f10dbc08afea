// SPDX-License-Identifier: MIT

using Microsoft.Extensions.Logging;

namespace Interprocess;

/// <summary>
/// The events that the library logs. It logs none for a message that is sent or received without an
/// error.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(
        1,
        LogLevel.Debug,
        "{Endpoint} of queue '{Queue}' in {Path} opened: {Capacity} bytes, protocol {Protocol}.")]
    public static partial void Opened(
        ILogger logger,
        string endpoint,
        string queue,
        string path,
        long capacity,
        QueueProtocol protocol);

    [LoggerMessage(2, LogLevel.Debug, "{Endpoint} of queue '{Queue}' closed.")]
    public static partial void Closed(ILogger logger, string endpoint, string queue);

    [LoggerMessage(
        3,
        LogLevel.Error,
        "{Endpoint} of queue '{Queue}' in {Path} cannot be opened: {Error}: {Reason}")]
    public static partial void CannotOpen(
        ILogger logger,
        string endpoint,
        string queue,
        string path,
        QueueError error,
        string reason);

    [LoggerMessage(4, LogLevel.Error, "{Endpoint} of queue '{Queue}' failed: {Error}: {Reason}")]
    public static partial void Failed(
        ILogger logger,
        string endpoint,
        string queue,
        QueueError error,
        string reason);

    [LoggerMessage(
        5,
        LogLevel.Warning,
        "A message of {Size} bytes from queue '{Queue}' was cut to the buffer's {Room}.")]
    public static partial void Truncated(ILogger logger, string queue, long size, int room);

    [LoggerMessage(
        6,
        LogLevel.Warning,
        "{Endpoint} has left queue '{Queue}', but what the last one removes stays: {Error}: {Reason}")]
    public static partial void NotRemoved(
        ILogger logger,
        string endpoint,
        string queue,
        QueueError error,
        string reason);
}
