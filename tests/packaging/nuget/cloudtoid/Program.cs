// SPDX-License-Identifier: MIT

// What the original's documentation shows, unchanged.

using Cloudtoid.Interprocess;
using Microsoft.Extensions.DependencyInjection;

byte[] sent = [1, 2, 3];
ReadOnlySpan<byte> message = sent;
Memory<byte> messageBuffer = new byte[3];
CancellationToken cancellationToken = default;

{
    var factory = new QueueFactory();
    var options = new QueueOptions(
        queueName: "my-queue",
        bytesCapacity: 1024 * 1024);

    using var publisher = factory.CreatePublisher(options);
    publisher.TryEnqueue(message);

    options = new QueueOptions(
        queueName: "my-queue",
        capacity: 1024 * 1024);

    using var subscriber = factory.CreateSubscriber(options);
    subscriber.TryDequeue(messageBuffer, cancellationToken, out var received);
    Console.WriteLine($"without: {Convert.ToHexString(received.Span)}");
}

{
    var services = new ServiceCollection();
    services
        .AddInterprocessQueue() // adding the queue related components
        .AddLogging(); // optionally, we can enable logging

    var serviceProvider = services.BuildServiceProvider();
    var factory = serviceProvider.GetRequiredService<IQueueFactory>();

    var options = new QueueOptions(
        queueName: "my-queue",
        path: Path.GetTempPath(),
        capacity: 1024 * 1024);

    using var publisher = factory.CreatePublisher(options);
    publisher.TryEnqueue(message);
    using var subscriber = factory.CreateSubscriber(options);
    Console.WriteLine($"with: {Convert.ToHexString(subscriber.Dequeue(cancellationToken).Span)}");
    Console.WriteLine($"protocol: {options.Protocol}, path: {options.Path}");
}
