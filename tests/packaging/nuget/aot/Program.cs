// SPDX-License-Identifier: MIT

// Compiled ahead of time: a queue by services and configuration, in each way of reading.

using Interprocess;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

IConfiguration configuration = new ConfigurationBuilder()
    .AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["Queue:QueueName"] = "aot",
        ["Queue:Path"] = args[0],
        ["Queue:Capacity"] = "65536",
    })
    .Build();
var services = new ServiceCollection();
services.AddLogging();
services.AddInterprocessQueue(configuration.GetSection("Queue"));
services.AddHealthChecks().AddInterprocessQueue();
using ServiceProvider provider = services.BuildServiceProvider();

var factory = provider.GetRequiredService<IQueueFactory>();
var options = provider.GetRequiredService<QueueOptions>();
using IPublisher publisher = factory.CreatePublisher(options);
using ISubscriber subscriber = factory.CreateSubscriber(options);
for (byte i = 1; i <= 4; ++i)
{
    publisher.TryEnqueue([i]);
}

Console.WriteLine(subscriber.Dequeue(CancellationToken.None).Span[0]);
Console.WriteLine((await subscriber.DequeueAsync()).Span[0]);
Console.WriteLine((await subscriber.AsChannelReader().ReadAsync()).Span[0]);
subscriber.TryDequeueBatch(1, (message, _) => Console.WriteLine(message[0]));
HealthReport health = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();
Console.WriteLine(health.Status);
