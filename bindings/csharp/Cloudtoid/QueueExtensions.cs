// SPDX-License-Identifier: MIT

using System;
using Ours = global::Interprocess;

namespace Cloudtoid.Interprocess;

/// <summary>Leads from the interfaces of the original to all that this library can do.</summary>
public static class QueueExtensions
{
    /// <summary>
    /// Returns the publisher that does the work: waits for room, batches, messages in place. It is
    /// the same participant of the queue, and goes with <paramref name="publisher"/>.
    /// </summary>
    /// <param name="publisher">One that <see cref="QueueFactory"/> made.</param>
    /// <exception cref="ArgumentNullException"><paramref name="publisher"/> is null.</exception>
    /// <exception cref="NotSupportedException">It is an implementation of another's.</exception>
    public static Ours.Publisher AsPublisher(this IPublisher publisher) => publisher switch
    {
        PublisherAdapter ours => ours.Publisher,
        null => throw new ArgumentNullException(nameof(publisher)),
        _ => throw new NotSupportedException($"{publisher.GetType()} was not made by {typeof(QueueFactory)}."),
    };

    /// <summary>
    /// Returns the subscriber that does the work: timeouts, batches, messages in place,
    /// asynchronous reads. It is the same participant of the queue, and goes with
    /// <paramref name="subscriber"/>. Its calls throw an <see cref="ObjectDisposedException"/> once
    /// it is disposed.
    /// </summary>
    /// <param name="subscriber">One that <see cref="QueueFactory"/> made.</param>
    /// <exception cref="ArgumentNullException"><paramref name="subscriber"/> is null.</exception>
    /// <exception cref="NotSupportedException">It is an implementation of another's.</exception>
    public static Ours.Subscriber AsSubscriber(this ISubscriber subscriber) => subscriber switch
    {
        SubscriberAdapter ours => ours.Subscriber,
        null => throw new ArgumentNullException(nameof(subscriber)),
        _ => throw new NotSupportedException($"{subscriber.GetType()} was not made by {typeof(QueueFactory)}."),
    };
}
