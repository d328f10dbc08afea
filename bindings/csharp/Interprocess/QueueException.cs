// SPDX-License-Identifier: MIT

using System;

namespace Interprocess;

/// <summary>A call of a queue failed.</summary>
public sealed class QueueException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="QueueException"/> class.</summary>
    /// <param name="error">Why the call failed.</param>
    /// <param name="message">What was tried, on what, and why it failed.</param>
    public QueueException(QueueError error, string message)
        : base(message) => Error = error;

    /// <summary>Gets why the call failed.</summary>
    public QueueError Error { get; }
}
